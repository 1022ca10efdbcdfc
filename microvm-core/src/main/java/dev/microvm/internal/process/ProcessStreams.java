/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.exec.ExecuteStreamHandler;
import org.jspecify.annotations.Nullable;

/** Moves the output of a process to its takers, a daemon thread for each stream. */
final class ProcessStreams implements ExecuteStreamHandler {
    /**
     * How long the end of the output is waited for after the end of the process: what it wrote is in the pipe by then. Only a
     * grandchild that holds the pipe open can make it last longer, and its output is not the program's.
     */
    private static final long DRAIN_MILLIS = 500;

    private final ProcessRequest request;
    private final OutputTail stderrTail = new OutputTail(OutputTail.DEFAULT_LINES);
    private final List<Thread> pumps = new ArrayList<>();

    ProcessStreams(ProcessRequest request) {
        this.request = request;
    }

    OutputTail stderrTail() {
        return stderrTail;
    }

    static Thread daemon(String purpose, Runnable work) {
        Thread thread = new Thread(work, "microvm-" + purpose);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void setProcessInputStream(OutputStream stdin) {} // HostProcess hands it out

    @Override
    public void setProcessOutputStream(InputStream stdout) {
        pumps.add(daemon(request.name() + "-stdout", () -> pump(stdout, request.stdout(), null)));
    }

    @Override
    public void setProcessErrorStream(InputStream stderr) {
        pumps.add(daemon(
                request.name() + "-stderr", () -> pump(stderr, request.stderr(), new LineSplitter(stderrTail::add))));
    }

    @Override
    public void start() {
        pumps.forEach(Thread::start);
    }

    @Override
    public void stop() {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MILLIS);
        try {
            for (Thread pump : pumps) {
                pump.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody but release() interrupts this thread, and it ends after this
        }
    }

    /** Reads to the end whatever the takers do: a program that finds its pipe full would stand still. */
    private static void pump(InputStream from, OutputStream taker, @Nullable OutputStream second) {
        byte[] buffer = new byte[8192];
        OutputStream first = taker;
        try (from;
                second) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                if (second != null) {
                    second.write(buffer, 0, n);
                }
                first = writeOrGiveUp(first, buffer, n);
            }
        } catch (IOException e) {
            // "Stream closed": the process was let go or has ended; what was read so far is with the takers.
        } finally {
            closeQuietly(taker);
        }
    }

    private static OutputStream writeOrGiveUp(OutputStream taker, byte[] buffer, int length) {
        try {
            taker.write(buffer, 0, length);
            taker.flush();
            return taker;
        } catch (IOException e) {
            return OutputStream.nullOutputStream();
        }
    }

    private static void closeQuietly(OutputStream taker) {
        try {
            taker.close();
        } catch (IOException e) {
            // its data has been written or given up above
        }
    }
}
