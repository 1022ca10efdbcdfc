/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.LaunchOptions;
import dev.microvm.MicroVm;
import dev.microvm.VmListener;
import dev.microvm.error.Phase;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.time.Duration;

/** Run in a {@link ChildJvm}: starts a VM with a virtiofs share, says each phase and where it is, and waits to be killed. */
final class VmProgram {
    private VmProgram() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path shared = Path.of(arguments[0]);
        VmSpec spec = VmSpec.builder()
                .name("doomed")
                .memoryMib(512)
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.of("shared", shared).mountedAt("/mnt"))
                .build();
        LaunchOptions options = LaunchOptions.builder()
                .id(arguments[1])
                .listener(new VmListener() {
                    @Override
                    public void phaseStarted(Phase phase) {
                        System.out.println("PHASE " + phase);
                        System.out.flush();
                    }

                    @Override
                    public void phaseCompleted(Phase phase, Duration elapsed) {
                        System.out.println("DONE " + phase);
                        System.out.flush();
                    }
                })
                .build();
        try (MicroVm vm = MicroVm.start(spec, options)) {
            System.out.println("READY " + vm.stateFolder());
            System.out.flush();
            Thread.sleep(600_000);
        }
    }
}
