/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.life;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What must be undone, in reverse order, exactly once. */
public final class UndoStack implements AutoCloseable {
    private record Step(String name, AutoCloseable undo) {}

    private final Deque<Step> steps = new ArrayDeque<>();

    /** Creates an empty stack. */
    public UndoStack() {}

    /** Remembers how to undo what has just been done, and hands it back. */
    public synchronized <T extends AutoCloseable> T push(String name, T undo) {
        steps.push(new Step(name, undo));
        return undo;
    }

    /**
     * Undoes everything, the latest first; a failing step does not keep the others from running.
     *
     * @throws IllegalStateException if steps failed: the first as cause, the others suppressed
     */
    @Override
    public void close() {
        @Nullable IllegalStateException failure = null;
        for (Step step = next(); step != null; step = next()) {
            try {
                step.undo().close();
            } catch (Exception e) { // whatever it is, the remaining steps must run
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                if (failure == null) {
                    failure = new IllegalStateException("could not undo: " + step.name(), e);
                } else {
                    failure.addSuppressed(new IllegalStateException("could not undo: " + step.name(), e));
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private synchronized @Nullable Step next() {
        return steps.poll();
    }
}
