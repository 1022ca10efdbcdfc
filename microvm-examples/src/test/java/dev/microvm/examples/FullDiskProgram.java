/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.MicroVm;
import dev.microvm.guest.ExecResult;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Run in a {@link ChildJvm} whose mount namespace has a small file system: shares it twice and lets the guest fill it by each share; by the
 * second the guest keeps what it writes until it must give it up.
 */
final class FullDiskProgram {
    private FullDiskProgram() {}

    public static void main(String[] arguments) throws IOException {
        Path small = Path.of(arguments[0]);
        VirtiofsShare keeping = VirtiofsShare.builder()
                .from(VirtiofsShare.of("keeping", small).mountedAt("/media"))
                .daemon(VirtiofsdOptions.builder().writeback(true).build())
                .build();
        VmSpec spec = VmSpec.builder()
                .name("full")
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("small", small).mountedAt("/mnt"), keeping)
                .build();
        try (MicroVm vm = MicroVm.start(spec)) {
            fill(vm, "/mnt", small);
            fill(vm, "/media", small);
            say("ORDERLY " + vm.shutdown(Duration.ofSeconds(30)).orderly());
        }
    }

    private static void fill(MicroVm vm, String share, Path small) throws IOException {
        vm.shell()
                .sh("printf precious > " + share + "/kept && sync " + share + "/kept")
                .orFail();
        // Four times what fits; more could fill the host's own disk, were the small one not there.
        ExecResult fill = vm.shell().sh("dd if=/dev/zero of=" + share + "/big bs=64k count=256 conv=fsync");
        say("FILLED " + fill.exitCode() + " " + fill.stderr().replace('\n', ' '));
        say("KEPT " + Files.readString(small.resolve("kept")));
        vm.shell().sh("rm " + share + "/big").orFail();
        ExecResult again = vm.shell().sh("dd if=/dev/zero of=" + share + "/again bs=64k count=8 conv=fsync");
        say("AGAIN " + again.exitCode() + " " + Files.size(small.resolve("again")));
        vm.shell().sh("rm " + share + "/again").orFail();
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
