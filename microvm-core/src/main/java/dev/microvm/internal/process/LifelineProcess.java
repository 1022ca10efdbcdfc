/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A program under a {@link Lifeline}, seen from this JVM, which is not its parent and hears of its end through the keeper. */
final class LifelineProcess implements SupervisedProcess {
    /** From SIGKILL to the keeper's report. */
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

    /** How long descendants may outlive their program before they are killed. */
    private static final Duration LEFTOVER_LIMIT = Duration.ofMillis(500);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

    /** 128 + SIGKILL: the code of a program whose keeper could not report any more. */
    static final int KILLED = 137;

    private final String name;
    private final long pid;
    private final long startTicks;
    private final Optional<ProcessHandle> handle;
    private final Path stderrFile;
    private final CompletableFuture<Integer> exit;

    LifelineProcess(String name, long pid, Path stateFolder, CompletableFuture<Integer> exit) {
        this.name = name;
        this.pid = pid;
        this.startTicks = ProcStat.of(pid).map(ProcStat::startTicks).orElse(-1L);
        // Remembers the start time, so that no signal reaches a later process with the same id.
        this.handle = ProcessHandle.of(pid);
        this.stderrFile = stateFolder.resolve(name + ".stderr");
        this.exit = exit;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public Path stderrFile() {
        return stderrFile;
    }

    @Override
    public List<String> stderrTail() {
        return OutputTail.ofFile(stderrFile, OutputTail.DEFAULT_LINES);
    }

    @Override
    public CompletionStage<Integer> exit() {
        return exit.minimalCompletionStage();
    }

    @Override
    public boolean isAlive() {
        return !exit.isDone() && ProcStat.isAlive(pid, startTicks);
    }

    @Override
    public void stop(Duration grace) {
        if (exit.isDone()) {
            return;
        }
        List<ProcessHandle> descendants =
                handle.map(ProcessHandle::descendants).orElse(Stream.of()).toList();
        stopAlone(grace);
        endLeftover(descendants);
    }

    private void stopAlone(Duration grace) {
        if (grace.isZero()) {
            // Whoever gives no grace wants a power cut; QEMU takes SIGTERM for a wish to shut down in order, with code
            // 0.
            kill(KILL_LIMIT);
            return;
        }
        handle.ifPresent(ProcessHandle::destroy);
        boolean interrupted = false;
        try {
            exit.get(grace.toMillis(), TimeUnit.MILLISECONDS);
            return;
        } catch (InterruptedException e) {
            interrupted = true; // no grace left, but the end is still waited for
        } catch (TimeoutException e) {
            // the next rung
        } catch (ExecutionException e) {
            throw new AssertionError("an exit never fails", e);
        }
        kill(KILL_LIMIT);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** virtiofsd in its namespaces is two processes, and the inner one takes some milliseconds to notice that the outer has gone. */
    private static void endLeftover(List<ProcessHandle> descendants) {
        long deadline = System.nanoTime() + LEFTOVER_LIMIT.toNanos();
        for (ProcessHandle descendant : descendants) {
            while (isRunning(descendant) && System.nanoTime() < deadline) {
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            }
            if (isRunning(descendant)) {
                descendant.destroyForcibly();
            }
        }
    }

    /** A handle knows its process by the start time, but takes a zombie for alive. */
    private static boolean isRunning(ProcessHandle handle) {
        return handle.isAlive()
                && ProcStat.of(handle.pid()).filter(ProcStat::alive).isPresent();
    }

    /** Sends SIGKILL and returns; its end is reported as always. */
    void killWithoutWaiting() {
        handle.ifPresent(ProcessHandle::destroyForcibly);
    }

    /** Sends SIGKILL and waits for the report of the end; without a report, /proc has the last word. */
    private void kill(Duration limit) {
        if (Awaiting.uninterruptibly(exit, Duration.ZERO).isPresent()) {
            return;
        }
        handle.ifPresent(ProcessHandle::destroyForcibly);
        if (Awaiting.uninterruptibly(exit, limit).isEmpty()) {
            if (isAlive()) {
                System.getLogger(LifelineProcess.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "{0} (process {1}) has not ended {2} ms after SIGKILL: it is in the kernel, waiting for a device",
                                name,
                                Long.toString(pid),
                                Long.toString(limit.toMillis()));
            } else {
                exit.complete(KILLED);
            }
        }
    }

    /**
     * Called when the lifeline and so the keeper has gone and no report will come: makes sure that it has ended. The kernel has
     * killed the program, unless it has changed its user or its capabilities since, which clears the signal (prctl(2)).
     */
    void endWithoutKeeper() {
        if (exit.isDone()) {
            return;
        }
        handle.ifPresent(ProcessHandle::destroyForcibly);
        endLeftover(handle.stream().toList());
    }
}
