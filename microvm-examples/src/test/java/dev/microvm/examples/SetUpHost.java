/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A host of the tests' own for the set-up scripts: files below one folder ({@code MICROVM_SET_UP_ROOT}), a {@code PATH} with the tools of
 * the smallest system and nothing else, and a copy of the real scripts. The scripts run without a terminal and with standard input closed.
 */
final class SetUpHost {
    static final String ROOT = "0";
    static final String USER = "1000";

    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
    private static final String REAL_PATH = System.getenv("PATH") + ":/usr/sbin:/sbin";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** What every Linux has; all else is missing until the test brings it. */
    private static final List<String> TOOLS = List.of(
            "awk basename bash cat chmod cp dirname env find flock grep ln ls mkdir mktemp mv readlink realpath rm sed sh sort touch true"
                    .split(" "));

    final Path root;
    private final Path project;
    private final Path calls;
    private final Map<String, String> environment = new HashMap<>();

    /** What a script said and how it ended. */
    record Outcome(int code, String output, String errors) {}

    SetUpHost(Path folder, String osRelease) throws IOException {
        root = Files.createDirectories(folder.resolve("host"));
        calls = Files.createFile(folder.resolve("calls"));
        project = Files.createDirectory(folder.resolve("project"));
        copy(REPOSITORY.resolve("scripts"), project.resolve("scripts"));
        for (String script : List.of("quickstart", "verify")) {
            Files.copy(REPOSITORY.resolve(script), project.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
        }
        write("etc/os-release", osRelease);
        // not as links, for JUnit warns when it deletes a folder with links that lead out of it
        for (String tool : TOOLS) {
            script("usr/bin/" + tool, "exec %s \"$@\"".formatted(real(tool)));
        }
        program("uname", "echo Linux x86_64");
        program("ldd", "echo 'not a dynamic executable' >&2; exit 1");
        user(ROOT);
        set("PATH", root.resolve("usr/bin").toString());
        set("HOME", Files.createDirectories(root.resolve("home")).toString());
        set("MICROVM_SET_UP_ROOT", root.toString());
        set("FAKE_CALLS", calls.toString());
    }

    static SetUpHost debian12(Path folder) throws IOException {
        return new SetUpHost(folder, "ID=debian\nVERSION_CODENAME=bookworm\n");
    }

    /** {@return the file of a tool of the real host} */
    static Path real(String tool) {
        return Stream.of(REAL_PATH.split(":"))
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + tool + " on PATH"));
    }

    static boolean has(String tool) {
        return Stream.of(REAL_PATH.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    void set(String variable, String value) {
        environment.put(variable, value);
    }

    void user(String id) throws IOException {
        program("id", "case $1 in -u) echo %1$s ;; -un) echo user%1$s ;; esac".formatted(id));
    }

    Path write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }

    /** A program that notes its call and then does what the lines of shell say. */
    void program(String name, String shell) throws IOException {
        executable("usr/bin/" + name, shell);
    }

    void executable(String file, String shell) throws IOException {
        String name = file.substring(file.lastIndexOf('/') + 1);
        script(file, "printf '%%s\\n' \"%s $*\" >> \"$FAKE_CALLS\"\n%s".formatted(name, shell));
    }

    private void script(String file, String shell) throws IOException {
        Path path = write(file, "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Brings a program of the real host, with what that finds on its own PATH. */
    void real(String... tools) throws IOException {
        for (String tool : tools) {
            script("usr/bin/" + tool, "PATH='%s' exec %s \"$@\"".formatted(REAL_PATH, real(tool)));
        }
    }

    /** Lets the script be killed at the end of a certain call of a real program, counted from 1; 0 for never. */
    void crashes(String tool, int call) throws IOException {
        Path count = Files.writeString(root.getParent().resolve(tool + ".count"), "");
        script("usr/bin/" + tool, """
                PATH='%1$s' %2$s "$@" || exit
                echo >> %3$s
                if [ "$(grep -c '' %3$s)" = %4$d ]; then kill -9 "$SET_UP_PID"; fi""".formatted(REAL_PATH, real(tool), count, call));
    }

    /** {@return the calls of fakes so far that begin with a program's name, in order} */
    List<String> callsOf(String program) throws IOException {
        return Files.readAllLines(calls).stream()
                .filter(call -> call.startsWith(program + " "))
                .toList();
    }

    Path project() {
        return project;
    }

    Outcome run(String script, String... arguments) throws IOException, InterruptedException {
        return start(script, arguments).await();
    }

    Running start(String script, String... arguments) throws IOException {
        // SET_UP_PID is the script's own, for it is reached by exec alone
        List<String> words = new ArrayList<>(List.of(
                real("setsid").toString(),
                real("bash").toString(),
                "-c",
                "export SET_UP_PID=$$; exec <&- \"$@\"",
                "bash",
                project.resolve(script).toString()));
        words.addAll(List.of(arguments));
        return new Running(words);
    }

    /** A script at work. */
    final class Running {
        private final Path output = Files.createTempFile(root.getParent(), "run", ".out");
        private final Path errors = Files.createTempFile(root.getParent(), "run", ".err");
        private final Process process;

        private Running(List<String> words) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(new File("/"))
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            process = builder.start();
        }

        String output() throws IOException {
            return Files.readString(output);
        }

        void awaitOutput(String words, Duration limit) throws IOException, InterruptedException {
            long end = System.nanoTime() + limit.toNanos();
            while (!output().contains(words)) {
                assertThat(process.isAlive() && System.nanoTime() < end)
                        .as(output())
                        .isTrue();
                process.waitFor(20, TimeUnit.MILLISECONDS);
            }
        }

        Outcome await() throws IOException, InterruptedException {
            boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            assertThat(ended)
                    .as("it ended within %s; it said:%n%s", LIMIT, output())
                    .isTrue();
            return new Outcome(process.exitValue(), output(), Files.readString(errors));
        }
    }

    /** {@return every file below a folder of this host with its time stamp, links as links} */
    Map<String, String> files(String folder) throws IOException {
        Map<String, String> found = new TreeMap<>();
        Path top = root.resolve(folder);
        if (Files.exists(top)) {
            try (Stream<Path> paths = Files.walk(top)) {
                for (Path path : (Iterable<Path>) paths::iterator) {
                    Map<String, Object> facts = Files.readAttributes(
                            path, "unix:mode,size,lastModifiedTime", java.nio.file.LinkOption.NOFOLLOW_LINKS);
                    found.put(top.relativize(path).toString(), new TreeMap<>(facts).toString());
                }
            }
        }
        return found;
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
