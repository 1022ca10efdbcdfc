/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who starts the VM of a test with shares: the user who runs the tests, or one without rights where that is root. */
enum ShareCaller {
    SELF,
    UNPRIVILEGED;

    private static final Duration LIMIT = Duration.ofMinutes(10);

    /** Skips the test where there is nobody else to be. */
    void assumePossible() {
        assumeTrue(this == SELF || Requirements.isRoot(), "only root can start programs as somebody else");
    }

    /** {@return the user whom QEMU runs as, and who must be able to write what is shared by 9p} */
    int qemuUid() throws IOException {
        return Requirements.isRoot()
                ? UnprivilegedCaller.UID
                : (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /**
     * {@return all output of a {@link GuestScriptProgram} whose script ended with 0}
     *
     * @param folder an empty folder for the program's own files
     */
    String run(Path folder, Map<String, String> environment, String script, String... shares) throws Exception {
        return runWithClassPath(folder, environment, script, ChildJvm.classPath(), shares);
    }

    /** As {@link #run}, behind words that are root's, such as those of unshare(1). */
    String runBehind(List<String> words, Path folder, String script, String... shares) throws Exception {
        return run(words, folder, Map.of(), script, ChildJvm.classPath(), shares);
    }

    /** As {@link #run}, with another class path than the tests' own. */
    String runWithClassPath(
            Path folder, Map<String, String> environment, String script, String classPath, String... shares)
            throws Exception {
        return run(List.of(), folder, environment, script, classPath, shares);
    }

    private String run(
            List<String> words,
            Path folder,
            Map<String, String> environment,
            String script,
            String classPath,
            String... shares)
            throws Exception {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = Files.writeString(folder.resolve("script"), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        List<String> arguments = new ArrayList<>(List.of(file.toString()));
        arguments.addAll(List.of(shares));
        List<String> prefix = new ArrayList<>(words);
        String readable = classPath;
        if (this == UNPRIVILEGED) {
            UnprivilegedCaller caller = UnprivilegedCaller.in(folder);
            prefix.addAll(caller.prefix());
            readable = caller.classPath();
        }
        try (ChildJvm job = ChildJvm.start(
                environment, prefix, readable, GuestScriptProgram.class, arguments.toArray(String[]::new))) {
            int code = job.awaitExit(LIMIT);
            String output = job.output();
            assertThat(code).as(output).isZero();
            assertThat(output).contains("\nEXIT 0\n", "STOPPED guest command");
            return output;
        }
    }
}
