/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A command that runs in the guest. Its output goes to the sinks of its {@link ExecRequest}, its input comes from there. Closing it
 * kills it.
 *
 * <p>A program that goes into the background and keeps its standard streams leaves its slot (of eight) occupied until it ends.
 */
public interface GuestProcess extends AutoCloseable {
    /** {@return the program and its arguments} */
    List<String> command();

    /** {@return its process id in the guest, which is also the id of its process group and session} */
    long pid();

    /** {@return whether its end is not known yet} */
    boolean isAlive();

    /**
     * Sends a signal to its process group: to it and to every child that has not left the group.
     *
     * @param name the signal's name without {@code SIG}, such as {@code INT}
     * @return whether there was somebody to send it to
     * @throws IllegalArgumentException if the name has other characters than capital letters and digits
     * @throws dev.microvm.error.VmTimeoutException if the guest does not answer within 10 seconds
     * @throws dev.microvm.error.VmExitedException if the VM or its control connection ended
     * @throws dev.microvm.error.VmCancelledException if the calling thread is interrupted
     */
    boolean signal(String name);

    /**
     * {@return completes with the result when the command has ended and its output is read, or exceptionally with what {@link #await}
     * throws, interrupts and its limit aside; what is attached runs on a thread of its own and may run the next command}
     */
    CompletionStage<ExecResult> onExit();

    /**
     * Waits for its end.
     *
     * @param limit how long at most; nothing or less looks once
     * @return the result
     * @throws dev.microvm.error.VmTimeoutException if it has not ended within the limit; it goes on
     * @throws dev.microvm.error.VmExitedException if the VM or its control connection ended
     * @throws dev.microvm.error.VmCancelledException if the calling thread is interrupted; the command goes on
     * @throws IllegalStateException if its input or one of its sinks failed, with what it threw as the cause, or if one of its streams
     *     broke while the VM went on; the command was killed
     */
    ExecResult await(Duration limit);

    /** Kills its process group, by SIGTERM and two seconds later by SIGKILL; does nothing if it has ended. Waits 10 seconds at most. */
    @Override
    void close();
}
