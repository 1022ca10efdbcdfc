/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.guest.GuestShell;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** One real guest on the host's root for all tests of a class: none may leave anything behind in it. */
abstract class OneBootedGuest {
    static final VmSpec SPEC = VmSpec.builder()
            .name("control")
            .memoryMib(512)
            .boot(BootSource.hostRoot())
            .build();

    private static Path folder;
    static BootedGuest guest;
    static GuestShell shell;

    private long begin;

    @BeforeAll
    static void boot() throws IOException, InterruptedException, TimeoutException {
        folder = Files.createTempDirectory("mv");
        guest = BootedGuest.ready(SPEC, folder);
        shell = guest.shell();
    }

    @AfterAll
    static void end() throws IOException, InterruptedException {
        if (guest != null) {
            guest.close();
        }
        BootedFolders.remove(folder);
    }

    @BeforeEach
    void started() {
        begin = System.nanoTime();
    }

    @AfterEach
    void took(TestInfo test) {
        BootedGuest.say(test.getDisplayName() + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }
}
