/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.IOException;

/** Whoever executes {@code query-status} at a server, many times: connected, that is. */
interface QmpContestant extends AutoCloseable {

    /**
     * Runs some operations.
     *
     * @param operations how many
     * @return what each took, in nanoseconds, from before it is sent until its reply has been read
     * @throws IOException if one fails
     */
    long[] run(int operations) throws IOException;

    /** {@return the process whose processor time it uses} */
    default long pid() {
        return ProcessHandle.current().pid();
    }

    /** Disconnects. */
    @Override
    void close() throws IOException;

    /** Connects a contestant. */
    interface Connector {
        /**
         * Connects.
         *
         * @return the contestant, ready for operations
         * @throws IOException if it cannot
         */
        QmpContestant connect() throws IOException;
    }
}
