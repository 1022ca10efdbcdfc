/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProcessRequest;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * What the caller's own Nix programs do with a store. They are found by {@code MICROVM_NIX_STORE}, on {@code PATH}, or where Nix' installers
 * put them.
 *
 * <p>With a private store no setting of the host or the user is used, nothing comes from the network, and it works as any user. The host's
 * store is used with the host's settings, through its daemon where the caller may not write it.
 *
 * <p>Every method blocks until its program has ended. All may throw:
 * {@link NixException} if the program is missing or fails, with its own words; {@link VmTimeoutException} after the limit;
 * {@link VmCancelledException} if the thread is interrupted. In each case the program has been ended.
 */
public final class NixCommands {
    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(10);

    private final NixStore store;
    private final Duration limit;
    private final Consumer<String> progress;
    private final Map<String, String> environment;

    private NixCommands(NixStore store, Duration limit, Consumer<String> progress, Map<String, String> environment) {
        this.store = store;
        this.limit = limit;
        this.progress = progress;
        this.environment = Map.copyOf(environment);
    }

    static NixCommands of(NixStore store) {
        return new NixCommands(store, DEFAULT_LIMIT, line -> {}, System.getenv());
    }

    /**
     * {@return the same with another limit for each command; default 10 minutes}
     *
     * @param limit positive; when it is over the program is killed and {@link NixException} thrown
     */
    public NixCommands withLimit(Duration limit) {
        return new NixCommands(store, limit, progress, environment);
    }

    /**
     * {@return the same, telling each line that a program writes to its standard error, on a thread of its own; default: nobody}
     *
     * @param progress given each line without its end; it must not throw, and while it blocks the program's output waits
     */
    public NixCommands withProgress(Consumer<String> progress) {
        return new NixCommands(store, limit, progress, environment);
    }

    /**
     * {@return the same with another environment to find the programs by and to pass on; default: the JVM's}
     *
     * @param environment copied; {@code PATH} finds the programs
     */
    public NixCommands withEnvironment(Map<String, String> environment) {
        return new NixCommands(store, limit, progress, environment);
    }

    /**
     * Copies a file or a folder into the store, named after its last part.
     *
     * @param fileOrFolder its last part becomes the name: letters, digits and {@code +-._?=}, not starting with a dot
     * @return its store path; the same content and name give the same path
     * @throws IllegalArgumentException if no store path can have its name
     */
    public String add(Path fileOrFolder) {
        Path source = fileOrFolder.toAbsolutePath().normalize();
        StorePath.checkName(String.valueOf(source.getFileName()));
        return onePath(run("nix-store", List.of("--add", source.toString()), ""));
    }

    /**
     * Puts a text file into the store. Nothing is built for it.
     *
     * @param name the file's name in the store
     * @param text its content
     * @param references store paths that it refers to; they need not stand in the text, but must be valid
     * @return its store path
     * @throws IllegalArgumentException if a name or a path cannot be one, or the text has a NUL
     */
    public String addText(String name, String text, String... references) {
        List<String> checked =
                List.of(references).stream().map(StorePath::check).toList();
        String expression = NixExpressions.textFile(StorePath.checkName(name), text, checked);
        String printed = run("nix-instantiate", List.of("--eval", "--read-write-mode", "-"), expression);
        return onePath(printed.replace("\"", ""));
    }

    /**
     * Builds what an expression of the Nix language stands for: a derivation or several.
     *
     * <p>In a private store the builder runs in a sandbox that needs user namespaces where the caller is not root, has no network, and sees the
     * host's {@code /bin}, {@code /usr} and {@code /lib}: {@code builder = "/bin/sh"} works.
     *
     * @param expression text, not a file; whatever its value holds in derivations is built
     * @return the store paths of the outputs
     */
    public List<String> build(String expression) {
        return paths(run("nix-build", List.of("--no-out-link", "-"), expression));
    }

    /**
     * {@return whether a path is valid}
     *
     * @param storePath {@code /nix/store/HASH-NAME}, without anything below it; anything else is refused as a bad argument
     */
    public boolean isValid(String storePath) {
        String path = StorePath.check(storePath);
        return run("nix-store", List.of("--check-validity", "--print-invalid", path), "")
                .isBlank();
    }

    /**
     * {@return the paths a valid path refers to, itself included where it does, sorted}
     *
     * @param storePath a valid path; {@link NixException} is thrown if it is not
     */
    public List<String> references(String storePath) {
        List<String> arguments = List.of("--query", "--references", StorePath.check(storePath));
        return paths(run("nix-store", arguments, "")).stream().sorted().toList();
    }

    /**
     * {@return the closure of valid paths: they, what they refer to, and so on, sorted}
     *
     * @param storePaths valid paths; {@link NixException} is thrown if one is not
     */
    public List<String> requisites(String... storePaths) {
        List<String> arguments = new ArrayList<>(List.of("--query", "--requisites"));
        List.of(storePaths).forEach(path -> arguments.add(StorePath.check(path)));
        return paths(run("nix-store", arguments, "")).stream()
                .sorted()
                .distinct()
                .toList();
    }

    private String run(String program, List<String> arguments, String stdin) {
        NixPrograms programs = NixPrograms.require(environment);
        Path file = program.equals("nix-store") ? programs.nixStore() : programs.sibling(program);
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(arguments);
        ProcessRequest request = ProcessRequest.of(NixEnvironment.apply(store, environment, command))
                .named(program)
                .withEnvironment(environment);
        long begin = System.nanoTime();
        try {
            ProcessExit exit = NixProcess.run(request, stdin, limit, progress);
            if (exit.code() != 0) {
                throw failure(program + " failed with exit code " + exit.code(), command, exit, begin);
            }
            return exit.text();
        } catch (TimeoutException e) {
            throw new VmTimeoutException(
                    program + " took longer than " + limit.toMillis() + " ms",
                    report(command, begin, "still running; it has been ended", List.of()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VmCancelledException(
                    program + " was interrupted", report(command, begin, "it has been ended", List.of()), e);
        } catch (UncheckedIOException e) {
            throw new NixException(
                    program + " could not be started",
                    command,
                    null,
                    report(command, begin, String.valueOf(e.getMessage()), List.of()),
                    e);
        }
    }

    private NixException failure(String headline, List<String> command, ProcessExit exit, long begin) {
        FailureReport report = report(command, begin, "exit code " + exit.code(), exit.stderrTail());
        return new NixException(headline, command, exit.code(), report, null);
    }

    private FailureReport report(List<String> command, long begin, String last, List<String> stderrTail) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
        String attempted = String.join(" ", command) + " in " + store;
        return new FailureReport(attempted, Phase.SERVICES, elapsed, last, List.of(), stderrTail, List.of(), "");
    }

    private static List<String> paths(String printed) {
        return printed.lines()
                .filter(line -> !line.isBlank())
                .map(StorePath::check)
                .toList();
    }

    private static String onePath(String printed) {
        return StorePath.check(printed.strip());
    }
}
