/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.spec.VirtiofsShare;
import dev.microvm.virtiofs.Virtiofsd;
import java.nio.file.Path;

/** Run in a {@link ChildJvm}: starts a virtiofsd alone, says where it listens, and waits to be killed. */
final class VirtiofsdProgram {
    private VirtiofsdProgram() {}

    public static void main(String[] arguments) throws InterruptedException {
        try (Virtiofsd daemon =
                Virtiofsd.start(VirtiofsShare.of("work", Path.of(arguments[0])), Path.of(arguments[1]))) {
            System.out.println("READY " + daemon.socket());
            System.out.flush();
            Thread.sleep(600_000);
        }
    }
}
