/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.HostContext;
import dev.microvm.spi.HostService;
import dev.microvm.spi.ServiceFailedException;
import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One virtiofsd for one share: started under the VM's lifeline, ready when {@link #start} returns, watched from then on.
 *
 * <p>It serves one QEMU once: when that disconnects it ends by itself, and a daemon that died under a guest cannot be replaced, for
 * the protocol has no way back. So {@link #died()} is the end of the share. It also completes when QEMU ended first: whoever acts on
 * it should look at QEMU before.
 */
public final class Virtiofsd implements HostService {
    /** The same words in every version, at level info. Connecting would be no test but the end: it ends with its first client. */
    private static final String READY = "Waiting for vhost-user socket connection";

    /** From start to ready takes under 40 ms. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private static final Duration STOP_GRACE = Duration.ofSeconds(2);

    private final VirtiofsShare share;
    private final HostContext context;
    private final Caller caller;
    private final CompletableFuture<String> died = new CompletableFuture<>();
    private final Object lock = new Object();
    private @Nullable SupervisedProcess process;
    private boolean closed;

    Virtiofsd(VirtiofsShare share, HostContext context, Caller caller) {
        this.share = share;
        this.context = context;
        this.caller = caller;
    }

    /**
     * {@return the daemon of a share, not yet started}
     *
     * @param share what it shares and how
     * @param context where its socket is, how programs are started, and who QEMU runs as
     */
    public static Virtiofsd of(VirtiofsShare share, HostContext context) {
        return new Virtiofsd(share, context, Caller.current());
    }

    @Override
    public String name() {
        return "virtiofsd " + share.tag();
    }

    /**
     * {@return what keeps it from starting: no daemon, or one that lacks an option the share needs; a source that is not there or not
     * accessible; a socket path that is too long} An interrupt makes it return early with no problem, for nothing has been found out;
     * the flag is set again, and whoever plans asks it.
     */
    @Override
    public List<Problem> check() {
        try {
            VirtiofsdProbe probe = VirtiofsdProbe.run(context.environment(), context.cacheFolder());
            return VirtiofsdChecks.of(share, context.socketOf(share), probe, context.cacheFolder(), caller);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /**
     * Starts the daemon and returns when QEMU can connect to it. Where it throws, nothing is left behind.
     *
     * @param limit how long that may take from the start of the program
     * @throws ServiceFailedException if there is no daemon that can do what the share needs, or it ends or is not ready in time
     * @throws IllegalStateException if it was started or closed before
     * @throws InterruptedException if the calling thread is interrupted
     */
    @Override
    public void start(Duration limit) throws InterruptedException {
        VirtiofsdProbe probe = VirtiofsdProbe.run(context.environment(), context.cacheFolder());
        VirtiofsdProbe.Program program = usable(probe);
        SandboxChoice sandbox = SandboxChoice.of(share.sandbox(), caller);
        System.getLogger(Virtiofsd.class.getName())
                .log(System.Logger.Level.DEBUG, "{0}: sandbox {1}: {2}", name(), sandbox.sandbox(), sandbox.reason());
        Path socket = context.socketOf(share);
        SupervisedProcess started = spawn(VirtiofsdCommand.render(share, program.path(), socket, sandbox, caller));
        boolean ready = false;
        try {
            awaitReady(started, limit, sandbox);
            giveSocketToQemu(socket);
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
        started.exit().thenAccept(code -> ended(started, code));
    }

    private VirtiofsdProbe.Program usable(VirtiofsdProbe probe) {
        VirtiofsdProbe.Program program = probe.program()
                .orElseThrow(() -> new ServiceFailedException(
                        "cannot share " + share.source() + ": " + probe.describe(),
                        List.of(),
                        VirtiofsdChecks.cure(context.cacheFolder())));
        List<Problem> problems = VirtiofsdCommand.problems(share, program.version(), caller);
        if (!problems.isEmpty()) {
            throw new ServiceFailedException(
                    "cannot share " + share.source() + " with " + probe.describe() + ": "
                            + problems.stream().map(Problem::detail).collect(Collectors.joining("; ")),
                    List.of(),
                    problems.stream().map(Problem::cure).collect(Collectors.joining("; ")));
        }
        return program;
    }

    private SupervisedProcess spawn(List<String> command) throws InterruptedException {
        synchronized (lock) {
            if (closed || process != null) {
                throw new IllegalStateException(name() + " was started or closed before");
            }
            process = context.spawn(processName(share.tag()), command, VirtiofsdCommand.environment(share));
            return process;
        }
    }

    /** Tags may hold any character but blanks, names of processes only some; the number keeps two such tags apart. */
    static String processName(String tag) {
        String plain = tag.replaceAll("[^A-Za-z0-9._-]", "_");
        return "virtiofsd-" + plain + (plain.equals(tag) ? "" : "-" + Integer.toHexString(tag.hashCode()));
    }

    private void awaitReady(SupervisedProcess started, Duration limit, SandboxChoice sandbox)
            throws InterruptedException {
        CompletableFuture<Integer> exit = started.exit().toCompletableFuture();
        long begin = System.nanoTime();
        while (!isReady(started)) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
            if (elapsed.compareTo(limit) >= 0) {
                throw new ServiceFailedException(
                        name() + " (process " + started.pid() + ") was not ready within " + limit.toMillis()
                                + " ms: it has not written \"" + READY + "...\"",
                        started.stderrTail(),
                        "run it by hand to see what it waits for");
            }
            try {
                int code = exit.get(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
                throw new ServiceFailedException(
                        name() + " ended with exit code " + code + " after " + elapsed.toMillis()
                                + " ms, before it was ready",
                        started.stderrTail(),
                        "sandbox " + sandbox.sandbox() + ": " + sandbox.reason());
            } catch (TimeoutException e) {
                // still running: look again
            } catch (ExecutionException e) {
                throw new IllegalStateException("the watch over " + name() + " failed", e);
            }
        }
    }

    private static boolean isReady(SupervisedProcess started) {
        return started.stderrTail().stream().anyMatch(line -> line.contains(READY));
    }

    /** The socket is this user's with mode 0700, and connecting takes the right to write. */
    private void giveSocketToQemu(Path socket) {
        if (context.qemuUid().isEmpty()) {
            return;
        }
        int uid = context.qemuUid().getAsInt();
        try {
            Files.setAttribute(socket, "unix:uid", uid);
        } catch (IOException e) {
            ServiceFailedException failure = new ServiceFailedException(
                    name() + ": cannot give " + socket + " to QEMU's user " + uid + ": " + e,
                    List.of(),
                    "only root can; without root QEMU runs as this user");
            failure.initCause(e);
            throw failure;
        }
    }

    private void ended(SupervisedProcess started, int code) {
        synchronized (lock) {
            if (closed) {
                return;
            }
        }
        List<String> tail = started.stderrTail();
        String words = tail.isEmpty()
                ? "nothing"
                : String.join(" | ", tail.subList(Math.max(0, tail.size() - 3), tail.size()));
        died.complete(name() + " (process " + started.pid() + ") ended with exit code " + code
                + "; the last it wrote to standard error: " + words);
    }

    /** {@return the last lines the daemon wrote to standard error, at most 50; none before it is started} */
    @Override
    public List<String> stderrTail() {
        synchronized (lock) {
            return process == null ? List.of() : process.stderrTail();
        }
    }

    /** {@return a stage that completes with a sentence when the daemon ends, with whatever code, before it is closed} */
    @Override
    public CompletionStage<String> died() {
        return died.minimalCompletionStage();
    }

    /** Stops the daemon with a grace of 2 s and removes its socket and its pid file, which it never does itself. */
    @Override
    public void close() {
        SupervisedProcess running;
        synchronized (lock) {
            closed = true;
            running = process;
        }
        if (running == null) {
            return;
        }
        running.stop(STOP_GRACE);
        Path socket = context.socketOf(share);
        remove(socket);
        remove(socket.resolveSibling(socket.getFileName() + ".pid"));
    }

    private void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            System.getLogger(Virtiofsd.class.getName())
                    .log(System.Logger.Level.WARNING, name() + " left " + file + " behind", e);
        }
    }
}
