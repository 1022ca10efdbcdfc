/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the main job says where no virtiofsd can do what a share with the defaults needs; {@link MainJobIT} does the job there.
 */
class VirtiofsFallbackIT {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
        Requirements.need(new NixPresence().isThere(), "nix-store is there");
    }

    @Test
    void anOldVirtiofsdIsNamedAndTheShareIsBy9p() throws Exception {
        Path old = program("virtiofsd 1.10.0");

        assertThat(dryRun(old))
                .contains("choice: share \"persistent\" is by 9p")
                .contains("virtiofs does not work here: virtiofsd 1.10.0 at " + old
                        + ": needs virtiofsd 1.13.0 or later, found 1.10.0")
                .contains("mount_tag=persistent")
                .doesNotContain("vhost-user-fs");
    }

    @Test
    void aMissingVirtiofsdIsNamedAndTheShareIsBy9p() throws Exception {
        Path missing = folder.resolve("no-virtiofsd");

        assertThat(dryRun(missing))
                .contains("choice: share \"persistent\" is by 9p", missing + " is not an executable file")
                .contains("mount_tag=persistent")
                .doesNotContain("vhost-user-fs");
    }

    @Test
    void aNewEnoughVirtiofsdIsUsed() throws Exception {
        Path newer = program("virtiofsd 1.13.0");

        assertThat(dryRun(newer))
                .contains("choice: share \"persistent\" is by virtiofs: virtiofsd 1.13.0 at " + newer)
                .contains("tag=persistent")
                .contains("vhost-user-fs")
                .doesNotContain("is by 9p");
    }

    private Path program(String version) throws IOException {
        return virtiofsd(folder, version);
    }

    /** {@return a program that says it is a version of virtiofsd, and can do nothing else} */
    static Path virtiofsd(Path folder, String version) throws IOException {
        Path file = Files.writeString(folder.resolve("virtiofsd"), "#!/bin/sh\necho '" + version + "'\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String dryRun(Path virtiofsd) throws Exception {
        try (ChildJvm job = ChildJvm.start(
                Map.of("MICROVM_VIRTIOFSD", virtiofsd.toString()),
                List.of(),
                ChildJvm.classPath(),
                DevVm.class,
                "--dry-run")) {
            int code = job.awaitExit(LIMIT);
            String output = job.output();
            assertThat(code).as(output).isZero();
            return output;
        }
    }
}
