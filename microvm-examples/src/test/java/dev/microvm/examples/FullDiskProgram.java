/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.MicroVm;
import dev.microvm.guest.ExecResult;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Run in a {@link ChildJvm} whose mount namespace has a small file system: shares it and lets the guest fill it. */
final class FullDiskProgram {
    private FullDiskProgram() {}

    public static void main(String[] arguments) throws IOException {
        Path small = Path.of(arguments[0]);
        VmSpec spec = VmSpec.builder()
                .name("full")
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("small", small).mountedAt("/mnt"))
                .build();
        try (MicroVm vm = MicroVm.start(spec)) {
            vm.shell().sh("printf precious > /mnt/kept && sync /mnt/kept").orFail();
            ExecResult fill = vm.shell().sh("dd if=/dev/zero of=/mnt/big bs=64k conv=fsync");
            say("FILLED " + fill.stderr().replace('\n', ' '));
            vm.shell().sh("rm /mnt/big").orFail();
            say("AGAIN "
                    + vm.shell()
                            .sh("dd if=/dev/zero of=/mnt/again bs=64k count=8 conv=fsync")
                            .exitCode());
        }
        say("KEPT " + Files.readString(small.resolve("kept")));
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
