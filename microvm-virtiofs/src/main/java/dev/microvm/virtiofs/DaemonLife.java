/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.ServiceFailedException;
import dev.microvm.spi.SupervisedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The life of one daemon: started, started again as long as nobody has connected, watched, ended. */
final class DaemonLife {
    private static final Duration STOP_GRACE = Duration.ofSeconds(2);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    /** A daemon that dies this often does not do it by accident. */
    static final int MOST_RESTARTS = 3;

    private final String name;
    private final VirtiofsShare share;
    private final DaemonHome home;
    private final CompletableFuture<String> died = new CompletableFuture<>();
    private final Object lock = new Object();
    private @Nullable DaemonPlan plan;
    private @Nullable SupervisedProcess process;
    private boolean begun;
    private int starts;
    private int restarts;
    private boolean ready;
    private boolean connected;
    private boolean closed;

    DaemonLife(String name, VirtiofsShare share, DaemonHome home) {
        this.name = name;
        this.share = share;
        this.home = home;
    }

    /** One life only. */
    void begin() {
        synchronized (lock) {
            if (closed || begun) {
                throw new IllegalStateException(name + " was started or closed before");
            }
            begun = true;
        }
    }

    /** Starts the daemon and returns when QEMU can connect to it. */
    void launch(DaemonPlan decided, Duration limit) throws InterruptedException {
        PidFile.clear(home.socket());
        int number;
        synchronized (lock) {
            ready = false;
            plan = decided;
            number = ++starts;
        }
        // Without the lock: the thread that will hear of its start may be waiting for it, to tell of an end.
        SupervisedProcess started = home.spawn(
                Virtiofsd.processName(share.tag()) + (number == 1 ? "" : "." + number),
                decided.command(),
                VirtiofsdCommand.environment(share));
        boolean late;
        synchronized (lock) {
            late = closed;
            process = started;
        }
        if (late) {
            end(started);
            throw new IllegalStateException(name + " is closed");
        }
        Readiness.await(name, started, limit, decided.sandbox());
        giveSocketToQemu();
        synchronized (lock) {
            ready = true;
        }
        started.exit().thenAccept(code -> ended(decided, started, code));
    }

    /** The socket is this user's with mode 0700, and connecting takes the right to write. */
    private void giveSocketToQemu() {
        if (home.qemuUid().isEmpty()) {
            return;
        }
        int uid = home.qemuUid().getAsInt();
        try {
            Files.setAttribute(home.socket(), "unix:uid", uid);
        } catch (IOException e) {
            throw failure(name + ": cannot give " + home.socket() + " to QEMU's user " + uid + ": " + e, e);
        }
    }

    /** Runs on the thread that hears of ends, which must not wait for another start. */
    private void ended(DaemonPlan decided, SupervisedProcess started, int code) {
        List<String> tail = started.stderrTail();
        String words = tail.isEmpty()
                ? "nothing"
                : String.join(" | ", tail.subList(Math.max(0, tail.size() - 3), tail.size()));
        String what = name + " (process " + started.pid() + ") ended with exit code " + code
                + "; the last it wrote to standard error: " + words;
        synchronized (lock) {
            if (closed || process != started) {
                return;
            }
            ready = false;
            connected |= Readiness.hasConnected(started);
            if (connected || restarts == MOST_RESTARTS) {
                died.complete(what);
                return;
            }
            restarts++;
        }
        Thread thread = new Thread(
                () -> startAgain(decided, what), "microvm-" + Virtiofsd.processName(share.tag()) + "-restart");
        thread.setDaemon(true);
        thread.start();
    }

    private void startAgain(DaemonPlan decided, String what) {
        System.Logger logger = System.getLogger(Virtiofsd.class.getName());
        logger.log(System.Logger.Level.WARNING, "{0}; QEMU had not connected, so it is started again", what);
        try {
            launch(decided, Virtiofsd.START_LIMIT);
        } catch (ServiceFailedException | IllegalStateException e) {
            diedForGood(what + "; and it could not be started again: " + e.getMessage());
        } catch (InterruptedException e) {
            diedForGood(what + "; its restart was interrupted");
        }
    }

    /** Whoever has closed it knows that it has ended. */
    private void diedForGood(String what) {
        synchronized (lock) {
            if (closed) {
                return;
            }
        }
        died.complete(what);
    }

    static ServiceFailedException failure(String message, IOException cause) {
        ServiceFailedException failure = new ServiceFailedException(message, List.of(), "");
        failure.initCause(cause);
        return failure;
    }

    void beforeQemu(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        awaitListening(end, limit);
        while (!Files.exists(home.socket())) {
            Optional<SupervisedProcess> old = takeOut();
            if (old.isPresent()) {
                System.getLogger(Virtiofsd.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "{0}: its socket {1} was removed before QEMU connected, so it is started again",
                                name,
                                home.socket());
                old.get().stop(STOP_GRACE);
                launch(planned(), Duration.ofNanos(end - System.nanoTime()));
            }
            awaitListening(end, limit);
        }
    }

    private void awaitListening(long end, Duration limit) throws InterruptedException {
        while (!isListening()) {
            if (died.isDone()) {
                throw new ServiceFailedException(died.join(), stderrTail(), "");
            }
            if (System.nanoTime() > end) {
                throw new ServiceFailedException(
                        name + " was ready, but is not any more, nor again within " + limit.toMillis() + " ms",
                        stderrTail(),
                        "");
            }
            TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
        }
    }

    private boolean isListening() {
        synchronized (lock) {
            return ready && process != null && process.isAlive();
        }
    }

    /**
     * {@return the daemon that listens at no socket, whose end is no death from now on; empty where it has ended meanwhile} That one's
     * socket is gone because of its end, and its restart is under way or over: two daemons at one socket would be the end of both.
     */
    private Optional<SupervisedProcess> takeOut() {
        synchronized (lock) {
            if (!ready || Files.exists(home.socket())) {
                return Optional.empty();
            }
            ready = false;
            Optional<SupervisedProcess> old = Optional.ofNullable(process);
            process = null;
            return old;
        }
    }

    private DaemonPlan planned() {
        synchronized (lock) {
            if (plan == null) {
                throw new IllegalStateException(name + " has not been started");
            }
            return plan;
        }
    }

    /** From now on its death is final. */
    void connected() {
        synchronized (lock) {
            connected = true;
        }
    }

    List<String> stderrTail() {
        synchronized (lock) {
            return process == null ? List.of() : process.stderrTail();
        }
    }

    CompletionStage<String> died() {
        return died.minimalCompletionStage();
    }

    void close() {
        SupervisedProcess running;
        synchronized (lock) {
            closed = true;
            running = process;
        }
        if (running != null) {
            end(running);
        }
    }

    private void end(SupervisedProcess running) {
        running.stop(STOP_GRACE);
        remove(home.socket());
        remove(PidFile.of(home.socket()));
    }

    private void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            System.getLogger(Virtiofsd.class.getName())
                    .log(System.Logger.Level.WARNING, name + " left " + file + " behind", e);
        }
    }
}
