/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import dev.microvm.spi.ServiceFailedException;
import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Keeps the programs of one VM from outliving this JVM: a small shell program ({@code lifeline.sh}) in a session of its own that
 * owns the state folder, starts the programs, and reads a pipe from this JVM. The end of that pipe, however it comes about
 * ({@link #close()}, {@code System.exit}, a crash, {@code kill -9}), makes it end the programs in reverse order, SIGTERM first, and
 * remove the folder. Its own death takes the programs along at once; the folder is then removed from here.
 *
 * <p>It costs a shell of about 1 MB for itself and another for each program, and two threads of this JVM.
 */
public final class Lifeline implements AutoCloseable {
    /** A start takes about 10 ms for the lifeline and 5 ms for a program; the limit is for a machine that is swapping. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

    /** What the shell needs beyond the graces: removing a folder, sleeping in steps that a loaded machine makes longer. */
    private static final Duration CLOSE_MARGIN = Duration.ofSeconds(10);

    /** Those who listen to its end are to write down what happened, no more. */
    private static final Duration TELL_LIMIT = Duration.ofSeconds(1);

    private final LifelineOptions options;
    private final Map<String, String> environment;
    private final HostProcess process;
    private final LifelineAnswers answers;
    private final Map<String, LifelineProcess> programs = new LinkedHashMap<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final Object lock = new Object();
    private boolean keep;
    private boolean detached;
    private boolean closed;
    private List<String> lastStderr = List.of();

    private Lifeline(
            LifelineOptions options, Map<String, String> environment, HostProcess process, LifelineAnswers answers) {
        this.options = options;
        this.environment = environment;
        this.process = process;
        this.answers = answers;
    }

    /**
     * Makes the state folder and starts a lifeline that owns it.
     *
     * @throws ServiceFailedException if it does not come up: {@code sh}, {@code setsid} or a {@code setpriv} with
     *     {@code --pdeathsig} is missing, or the state folder cannot be made or exists
     * @throws InterruptedException if the calling thread is interrupted; nothing is left behind
     */
    public static Lifeline start(LifelineOptions options) throws InterruptedException {
        Map<String, String> environment = new HashMap<>(options.baseEnvironment());
        environment.putAll(options.environment());
        List<String> command = LifelineCommand.of(options, environment);
        LifelineAnswers answers = new LifelineAnswers(options.name());
        HostProcess process;
        try {
            // Not to be killed in the middle of making the folder: an interrupt is seen below, where the folder is
            // known.
            process = HostProcess.start(
                    ProcessRequest.of(command)
                            .named(options.name() + "-lifeline")
                            .withBaseEnvironment(options.baseEnvironment())
                            .withEnvironment(options.environment())
                            .withStdout(new LineSplitter(answers::accept)),
                    false);
        } catch (UncheckedIOException e) {
            throw failure(
                    "the lifeline of " + options.name() + " was not started: " + e.getMessage(), List.of(), "", e);
        }
        Lifeline lifeline = new Lifeline(options, environment, process, answers);
        process.onExit().thenAccept(lifeline::afterEnd);
        boolean up = false;
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            lifeline.await(answers.up(), "it did not come up");
            up = true;
            return lifeline;
        } finally {
            if (!up) {
                lifeline.close();
            }
        }
    }

    /** {@return the lifeline's process id, which is also its session} */
    public long pid() {
        return process.pid();
    }

    /** {@return the folder it owns} */
    public Path stateFolder() {
        return options.stateFolder();
    }

    /**
     * Starts a program and returns when it has its process id. Whether it gets any further than that shows in
     * {@link SupervisedProcess#exit()}: 126 and 127 mean that it could not be run after all.
     *
     * @throws ServiceFailedException if there is no such program, its name is taken, or the lifeline has ended
     * @throws IllegalStateException after {@link #detach} or {@link #close}
     * @throws InterruptedException if the calling thread is interrupted; the program is then killed
     */
    public SupervisedProcess spawn(SpawnRequest request) throws InterruptedException {
        String program = request.command().get(0);
        if (ProgramSearch.find(program, environment).isEmpty()) {
            throw new ServiceFailedException(
                    "cannot start " + request.name() + ": there is no program \"" + program + "\""
                            + (program.indexOf('/') < 0 ? " in PATH (" + environment.get("PATH") + ")" : ""),
                    List.of(),
                    "install it, or name the right path");
        }
        synchronized (lock) {
            if (detached || closed) {
                throw new IllegalStateException("the lifeline of " + options.name() + " is detached or closed");
            }
            Path file = options.stateFolder().resolve(request.name() + ".start");
            try {
                Files.writeString(file, StartScript.render(request), StandardOpenOption.CREATE_NEW);
                send("spawn " + request.name());
            } catch (FileAlreadyExistsException e) {
                throw failure(
                        "cannot start " + request.name() + ": the lifeline of " + options.name()
                                + " has started a program of that name before",
                        List.of(),
                        "",
                        e);
            } catch (IOException e) {
                throw failure(
                        "cannot start " + request.name() + " under the lifeline of " + options.name()
                                + (ended.isDone() ? ", which has ended" : "") + ": " + e,
                        stderr(),
                        "",
                        e);
            }
        }
        return awaitStarted(request.name());
    }

    private SupervisedProcess awaitStarted(String name) throws InterruptedException {
        CompletableFuture<LifelineProcess> start = answers.started(name).thenApply(pid -> {
            LifelineProcess started = new LifelineProcess(name, pid, options.stateFolder(), answers.exited(name));
            synchronized (lock) {
                programs.put(name, started);
            }
            return started;
        });
        try {
            return await(start, name + " was not started");
        } catch (InterruptedException e) {
            CompletionStage<Void> ignored = start.thenAccept(LifelineProcess::killWithoutWaiting);
            throw e;
        }
    }

    /**
     * {@return a stage that completes when it has ended: with 0 when it tore everything down in order, else with its exit code} Where
     * it was killed, this is heard of before the ends of the programs that it took along.
     */
    public CompletionStage<Integer> onExit() {
        return ended.minimalCompletionStage();
    }

    /** Leaves the state folder in place when everything ends, whoever ends it. */
    public void keepStateFolder() {
        synchronized (lock) {
            keep = true;
            trySend("keep");
        }
    }

    /**
     * Lets it live on without this JVM until every program has ended; then it removes the state folder as always. From then on this
     * JVM learns nothing of the programs any more, {@link #close()} does nothing, and SIGTERM to {@link #pid()} means tear down.
     *
     * @throws ServiceFailedException if it has ended
     * @throws InterruptedException if the calling thread is interrupted; it may be detached or not
     */
    public void detach() throws InterruptedException {
        detachUntil("");
    }

    /**
     * Lets it live on without this JVM until one program has ended; then it ends the others too. Else as {@link #detach()}.
     *
     * @param program the one that decides: the VM's QEMU
     * @throws ServiceFailedException if it has ended
     * @throws InterruptedException if the calling thread is interrupted; it may be detached or not
     */
    public void detach(SupervisedProcess program) throws InterruptedException {
        detachUntil(" " + program.name());
    }

    private void detachUntil(String suffix) throws InterruptedException {
        synchronized (lock) {
            if (detached) {
                return;
            }
            try {
                send("detach" + suffix);
            } catch (IOException e) {
                throw failure("the lifeline of " + options.name() + " cannot be detached: " + e, List.of(), "", e);
            }
            detached = true;
        }
        await(answers.detached(), "it was not detached");
        process.release();
    }

    /**
     * Ends the programs in reverse order, SIGTERM first, removes the state folder and returns when all that is done: at the latest
     * after the grace of each program and 20 s. An interrupt does not cut it short; the flag is set again.
     */
    @Override
    public void close() {
        int count;
        synchronized (lock) {
            if (detached) {
                return;
            }
            closed = true;
            count = programs.size();
        }
        try {
            process.stdin().close();
        } catch (IOException e) {
            // it has ended
        }
        Duration limit = options.grace().multipliedBy(2L * count).plus(CLOSE_MARGIN);
        if (Awaiting.uninterruptibly(ended, limit).isEmpty()) {
            System.getLogger(Lifeline.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "the lifeline of {0} did not end within {1}",
                            options.name(),
                            limit);
            process.stop(Duration.ZERO);
            Awaiting.uninterruptibly(ended, CLOSE_MARGIN);
        }
    }

    /** Runs once, when the shell has ended, by itself or not, and everything it had said has been read. */
    private void afterEnd(ProcessExit exit) {
        List<String> lastWords = stderr();
        List<LifelineProcess> all;
        boolean remove;
        synchronized (lock) {
            lastStderr = lastWords;
            all = List.copyOf(programs.values());
            remove = !keep && answers.folderMade();
        }
        answers.end(new IllegalStateException(LifelineCommand.reasonOf(exit.code(), options.stateFolder())));
        all.forEach(LifelineProcess::endWithoutKeeper);
        if (remove) {
            removeFolder(options.stateFolder());
        }
        tellEnd(exit.code());
        all.forEach(program -> answers.exit(program.name(), LifelineProcess.KILLED));
    }

    /**
     * Its own end comes before the ends of the programs that died with it, so that whoever listens to both learns the reason and not
     * that a program ended by itself. What hangs on it may wait for such a program, though; that must not hold the rest up for ever.
     */
    private void tellEnd(int code) {
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        ProcessStreams.daemon(options.name() + "-lifeline-ended", () -> {
                    ended.complete(code);
                    told.complete(true);
                })
                .start();
        Awaiting.uninterruptibly(told, TELL_LIMIT);
    }

    private static void removeFolder(Path folder) {
        try {
            FileTree.delete(folder);
        } catch (IOException e) {
            System.getLogger(Lifeline.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove the state folder " + folder, e);
        }
    }

    private void send(String line) throws IOException {
        OutputStream stdin = process.stdin();
        stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        stdin.flush();
    }

    private void trySend(String line) {
        try {
            send(line);
        } catch (IOException e) {
            // it has ended, and what it should know is known here
        }
    }

    private <T> T await(CompletableFuture<T> answer, String otherwise) throws InterruptedException {
        String what = "the lifeline of " + options.name() + ": " + otherwise;
        try {
            return answer.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw failure(what + " within " + ANSWER_LIMIT.toSeconds() + " s", stderr(), "", e);
        } catch (ExecutionException e) {
            Throwable cause = Awaiting.cause(e);
            throw failure(
                    what + ": " + cause.getMessage(),
                    stderr(),
                    answers.folderMade() ? LifelineCommand.CURE : "",
                    cause);
        }
    }

    private List<String> stderr() {
        synchronized (lock) {
            if (!lastStderr.isEmpty()) {
                return lastStderr;
            }
        }
        if (!answers.folderMade()) {
            return process.stderrTail(); // what stands in that folder is somebody else's
        }
        List<String> own = OutputTail.ofFile(options.stateFolder().resolve("lifeline.stderr"), 20);
        return own.isEmpty() ? process.stderrTail() : own;
    }

    private static ServiceFailedException failure(String message, List<String> tail, String hint, Throwable cause) {
        ServiceFailedException failure = new ServiceFailedException(message, tail, hint);
        failure.initCause(cause);
        return failure;
    }
}
