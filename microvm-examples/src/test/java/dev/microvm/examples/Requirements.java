/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.Preflight;
import dev.microvm.VmHost;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the tests with real VMs need: where it is missing they are skipped, but fail under {@code -Dmicrovm.it.required=true}. */
final class Requirements {
    private static final boolean REQUIRED = Boolean.getBoolean("microvm.it.required");

    private Requirements() {}

    static void canBootHostRoot() {
        try (VmHost host = VmHost.create()) {
            Preflight preflight =
                    host.preflight(VmSpec.builder().boot(BootSource.hostRoot()).build());
            need(preflight.ok(), "this host can boot a VM: " + preflight.problems());
        }
    }

    static void full() {
        assumeTrue(Boolean.getBoolean("microvm.full"), "only in ./verify --full");
    }

    static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static void need(boolean met, String what) {
        if (REQUIRED) {
            assertThat(met).as(what).isTrue();
        } else {
            assumeTrue(met, what);
        }
    }
}
