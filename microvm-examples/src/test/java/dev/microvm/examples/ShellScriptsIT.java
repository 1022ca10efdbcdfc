/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** ShellCheck has nothing to say about any shell script of the repository, those of the guest included. */
class ShellScriptsIT {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String BUSYBOX = "#!/run/microvm/busybox sh";

    @Test
    void shellcheckFindsNothing() throws Exception {
        Requirements.need(SetUpHost.has("shellcheck"), "shellcheck is there");
        List<String> scripts = scripts(false);
        List<String> busyboxScripts = scripts(true);
        assertThat(scripts)
                .as("the scan found the scripts")
                .contains("quickstart", "verify", ".ci/run", "scripts/set-up.sh", "scripts/newest-jdk/bin/java")
                .anyMatch(script -> script.endsWith("/lifeline.sh"))
                .anyMatch(script -> script.endsWith("/agent"));
        assertThat(busyboxScripts).singleElement().asString().endsWith("/init");

        shellcheck(List.of("-x"), scripts);
        shellcheck(List.of("-s", "dash"), busyboxScripts);
    }

    private static void shellcheck(List<String> options, List<String> scripts) throws Exception {
        String output = Command.of(SetUpHost.real("shellcheck").toString())
                .with(options.toArray(String[]::new))
                .with(scripts.toArray(String[]::new))
                .in(REPOSITORY)
                .runWithin(LIMIT);
        assertThat(output).isEmpty();
    }

    /** {@return the files named *.sh and those that begin with the name of a shell} */
    private static List<String> scripts(boolean ofBusybox) throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(REPOSITORY, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean ours =
                        !Set.of("target", ".git").contains(folder.getFileName().toString());
                return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String start = attributes.isRegularFile() ? start(file) : "";
                boolean script = start.matches("(?s)#!\\S*(/| )(sh|bash)\\b.*")
                        || file.toString().endsWith(".sh");
                if (start.startsWith(BUSYBOX) == ofBusybox && (script || ofBusybox)) {
                    found.add(REPOSITORY.relativize(file).toString());
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }

    private static String start(Path file) throws IOException {
        try (var input = Files.newInputStream(file)) {
            return new String(input.readNBytes(80), StandardCharsets.ISO_8859_1);
        }
    }
}
