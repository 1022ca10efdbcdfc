/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The system calls of one connected socket, as far as its transport can make them without an interrupt closing it. */
interface Port {
    /**
     * Reads what is there, waiting for it; 0 if nothing came.
     *
     * @param millis how long to wait at most; 0 for without limit, the only one that a port takes which is read by one thread alone
     */
    int read(ByteBuffer buffer, long millis) throws IOException;

    /**
     * Whether any thread may read, one at a time: its interrupt ends the wait and nothing else. If not, one thread reads that nobody
     * interrupts.
     */
    boolean readsInAnyThread();

    /** Writes what the kernel takes at once, in any thread: an interrupt does nothing. While {@link #write} runs it must not be called. */
    void writeNow(ByteBuffer buffer) throws IOException;

    /** Writes all, with a descriptor that goes with the first byte; by one thread at a time, which nobody interrupts. */
    void write(ByteBuffer buffer, @Nullable FileDescriptor descriptor) throws IOException;

    boolean passesDescriptors();

    void shutdownOutput() throws IOException;

    /** Wakes who reads or writes. It is not called while {@link #writeNow} runs. */
    void close() throws IOException;
}
