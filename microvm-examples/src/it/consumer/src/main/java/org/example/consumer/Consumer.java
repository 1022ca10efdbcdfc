/* SPDX-License-Identifier: Apache-2.0 */
package org.example.consumer;

import dev.microvm.MicroVm;
import dev.microvm.SpecJson;
import dev.microvm.VmExit;
import dev.microvm.guest.GuestShell;
import dev.microvm.nix.NixStoreSharing;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.RunState;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Boots a VM with a shared folder, asks guest and QEMU a few things, stops it; exits 0 only if every answer is right. */
public final class Consumer {
    private Consumer() {}

    /** Takes an empty folder to share. */
    public static void main(String[] arguments) throws IOException {
        System.out.println("the library is in the module " + MicroVm.class.getModule().getName());
        Path shared = Path.of(arguments[0]);
        VmSpec spec = VmSpec.builder()
                .name("consumer")
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("shared", shared).mountedAt("/shared"))
                .build();
        readBackFromJson(spec);
        Files.writeString(shared.resolve("from-host"), "host\n");
        try (MicroVm vm = MicroVm.start(spec)) {
            GuestShell shell = vm.shell();
            shell.exec("true").orFail();
            System.out.println("guest kernel " + shell.exec("uname", "-r").orFail().stdout().strip());
            expect("host\n", shell.exec("cat", "/shared/from-host").orFail().stdout());
            shell.sh("echo guest >/shared/from-guest").orFail();
            expect("guest\n", Files.readString(shared.resolve("from-guest")));
            expect(RunState.RUNNING, vm.qmp().execute(QueryStatus.of()).status());
            VmExit exit = vm.shutdown(Duration.ofSeconds(60));
            expect(true, exit.orderly());
        }
        System.out.println("all is right");
    }

    /** The extension's form comes from its module, so this finds a provider too. */
    private static void readBackFromJson(VmSpec spec) {
        VmSpec withStore = VmSpec.builder()
                .from(spec)
                .addExtensions(NixStoreSharing.wholeStore())
                .build();
        expect(withStore, SpecJson.read(SpecJson.write(withStore)));
    }

    private static void expect(Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new IllegalStateException("expected " + expected + ", not " + actual);
        }
    }
}
