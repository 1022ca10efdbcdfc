/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.model.StatusInfo;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/** Our client, one command at a time or several at once. */
final class OurQmpClient implements QmpContestant {
    private final QmpClient client;
    private final int depth;

    /**
     * Wraps a client.
     *
     * @param client is closed with this
     * @param depth how many commands are under way at once; 1 for blocking calls
     */
    OurQmpClient(QmpClient client, int depth) {
        this.client = client;
        this.depth = depth;
    }

    @Override
    public long[] run(int operations) {
        return depth == 1 ? blocking(operations) : pipelined(operations);
    }

    private long[] blocking(int operations) {
        long[] nanos = new long[operations];
        for (int i = 0; i < operations; i++) {
            long begin = System.nanoTime();
            require(client.execute(QueryStatus.of()));
            nanos[i] = System.nanoTime() - begin;
        }
        return nanos;
    }

    /** Replies come in bursts, so a time for each would say nothing: every operation gets its share of the whole block. */
    private long[] pipelined(int operations) {
        long begin = System.nanoTime();
        Deque<CompletableFuture<StatusInfo>> underWay = new ArrayDeque<>(depth);
        for (int i = 0; i < operations; i++) {
            if (underWay.size() == depth) {
                require(underWay.remove().join());
            }
            underWay.add(client.submit(QueryStatus.of()));
        }
        underWay.forEach(future -> require(future.join()));
        long[] nanos = new long[operations];
        Arrays.fill(nanos, (System.nanoTime() - begin) / operations);
        return nanos;
    }

    /** Whoever skips the reading would be faster. */
    private static void require(StatusInfo status) {
        if (status.running()) {
            throw new IllegalStateException("the server says that a guest runs: " + status);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
