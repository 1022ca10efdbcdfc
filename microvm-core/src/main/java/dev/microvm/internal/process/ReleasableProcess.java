/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A process that can be let go: the thread that waits for it comes back and the process lives on. Commons Exec knows only
 * interrupting that thread, and then it ends the process.
 */
final class ReleasableProcess extends Process {
    /** What {@link #waitFor()} returns for a process that was let go. */
    static final int RELEASED = -1;

    private final Process process;
    private final Object lock = new Object();
    private boolean released;
    private @Nullable Thread waiting;

    ReleasableProcess(Process process) {
        this.process = process;
    }

    void release() {
        synchronized (lock) {
            released = true;
            if (waiting != null) {
                waiting.interrupt();
            }
        }
    }

    boolean isReleased() {
        synchronized (lock) {
            return released;
        }
    }

    @Override
    public int waitFor() throws InterruptedException {
        synchronized (lock) {
            if (released) {
                return RELEASED;
            }
            waiting = Thread.currentThread();
        }
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            if (isReleased()) {
                return RELEASED;
            }
            throw e;
        } finally {
            synchronized (lock) {
                waiting = null;
            }
        }
    }

    @Override
    public OutputStream getOutputStream() {
        return process.getOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return process.getInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return process.getErrorStream();
    }

    @Override
    public int exitValue() {
        return process.exitValue();
    }

    @Override
    public void destroy() {
        process.destroy();
    }

    @Override
    public Process destroyForcibly() {
        process.destroyForcibly();
        return this;
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public ProcessHandle toHandle() {
        return process.toHandle();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return process.onExit();
    }
}
