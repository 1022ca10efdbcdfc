/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a lifeline has told so far, as futures. Its lines are read by one thread; whatever hangs on an exit runs on a thread of its
 * own, for it may well wait for the next line.
 */
final class LifelineAnswers {
    private final String lifelineName;
    private volatile boolean folderMade;
    private final CompletableFuture<Long> up = new CompletableFuture<>();
    private final CompletableFuture<Void> detached = new CompletableFuture<>();
    private final Map<String, CompletableFuture<Long>> started = new HashMap<>();
    private final Map<String, CompletableFuture<Integer>> exited = new HashMap<>();
    private @Nullable Throwable over;

    LifelineAnswers(String lifelineName) {
        this.lifelineName = lifelineName;
    }

    /** Takes one line; a line that says nothing known is not for this version. */
    void accept(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "folder" -> folderMade = true;
            case "lifeline" -> up.complete(Long.parseLong(words[1]));
            case "started" -> started(words[1]).complete(Long.parseLong(words[2]));
            case "exited" -> exit(words[1], Integer.parseInt(words[2]));
            case "detached" -> detached.complete(null);
            default -> {}
        }
    }

    /** A program has ended; the first to say so counts. */
    void exit(String name, int code) {
        CompletableFuture<Integer> exit = exited(name);
        if (!exit.isDone()) {
            ProcessStreams.daemon(lifelineName + "-" + name + "-exited", () -> exit.complete(code))
                    .start();
        }
    }

    /** Nothing more will come: whoever still waits for a start waits in vain. Exits are completed by the lifeline. */
    void end(Throwable reason) {
        up.completeExceptionally(reason);
        detached.completeExceptionally(reason);
        Map<String, CompletableFuture<Long>> waiting;
        synchronized (this) {
            over = reason;
            waiting = Map.copyOf(started);
        }
        waiting.values().forEach(start -> start.completeExceptionally(reason));
    }

    /** {@return whether it has made the state folder, which is then its own to remove} */
    boolean folderMade() {
        return folderMade;
    }

    /** {@return the lifeline's process id, once it is up} */
    CompletableFuture<Long> up() {
        return up;
    }

    /** {@return done when the lifeline has let go of the pipes} */
    CompletableFuture<Void> detached() {
        return detached;
    }

    /** {@return the process id of a program, once it runs} */
    synchronized CompletableFuture<Long> started(String name) {
        CompletableFuture<Long> start = started.computeIfAbsent(name, ignored -> new CompletableFuture<>());
        if (over != null) {
            start.completeExceptionally(over);
        }
        return start;
    }

    /** {@return the exit code of a program, once it has ended} */
    synchronized CompletableFuture<Integer> exited(String name) {
        return exited.computeIfAbsent(name, ignored -> new CompletableFuture<>());
    }
}
