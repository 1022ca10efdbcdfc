/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tests' own guests end with the JVM of the tests: after a build that was killed one stayed for an hour. */
class BootedGuestIT {
    /** A second JVM, made to be killed. */
    static final class Abandoned {
        private Abandoned() {}

        public static void main(String[] arguments) throws Exception {
            BootedGuest guest = BootedGuest.spawn(OneBootedGuest.SPEC, Path.of(arguments[0]));
            System.out.println("QEMU " + guest.qemu().pid());
            Thread.sleep(600_000); // until it is killed
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void qemuEndsWithTheJvmThatStartedIt() throws Exception {
        Path folder = Files.createTempDirectory("mv");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        Abandoned.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader said = jvm.inputReader(StandardCharsets.UTF_8)) {
            ProcessHandle qemu = ProcessHandle.of(pidOfQemu(said)).orElseThrow();
            assertThat(Files.readString(Path.of("/proc/" + qemu.pid() + "/cmdline")))
                    .contains("-kernel");

            jvm.destroyForcibly();

            try {
                qemu.onExit().get(20, TimeUnit.SECONDS);
            } finally {
                qemu.destroyForcibly();
            }
        } finally {
            jvm.destroyForcibly().waitFor();
            BootedFolders.remove(folder);
        }
    }

    private static long pidOfQemu(BufferedReader said) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith("QEMU ")) {
                return Long.parseLong(line.substring("QEMU ".length()));
            }
            all.append(line).append('\n');
        }
        throw new AssertionError("the JVM started no QEMU; it said:\n" + all);
    }

    private static String classPath() {
        String basedir = System.getProperty("basedir", ".");
        return String.join(
                ":",
                basedir + "/target/test-classes",
                basedir + "/target/classes",
                System.getProperty("java.class.path", ""),
                System.getProperty("jdk.module.path", ""));
    }
}
