/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

/**
 * Runs commands in a guest, as its root user. Thread-safe; eight run at once, a ninth waits for one of them to end.
 *
 * <p>A command has no terminal. It is over when its program has ended: children left in the background do not delay that, but as long as
 * they hold the standard streams they occupy one of the eight slots; redirect the streams of what is meant to stay.
 */
public interface GuestShell {
    /**
     * Runs a program and waits for its end.
     *
     * @param request says what is run, with which input and limit, and who gets its output
     * @return the result, whatever the exit code; see {@link ExecResult#orFail()}
     * @throws IllegalArgumentException if there is no program, or a word is too long or holds NUL
     * @throws dev.microvm.error.VmTimeoutException if the request's limit (60 seconds where it has none) ran out; the command was killed,
     *     and the report holds the end of its output
     * @throws dev.microvm.error.VmExitedException if the VM or its control connection ended
     * @throws dev.microvm.error.VmCancelledException if the calling thread is interrupted; the command is killed, the flag is set again
     * @throws IllegalStateException if the request's input or one of its sinks failed, with what it threw as the cause, or if one of the
     *     command's streams could not be connected or broke while the VM went on; the command was killed
     */
    ExecResult exec(ExecRequest request);

    /**
     * Starts a program that may run for long.
     *
     * @param request says what is run, with which input, and who gets its output; its limit bounds the start alone
     * @return the running command
     * @throws dev.microvm.error.VmTimeoutException if it has not started within the request's limit
     * @throws dev.microvm.error.VmExitedException if the VM or its control connection ended
     * @throws dev.microvm.error.VmCancelledException if the calling thread is interrupted; the command is killed, the flag is set again
     * @throws IllegalStateException if one of the command's streams could not be connected while the VM goes on; what fails later, the
     *     input and the sinks too, is told by {@link GuestProcess#await} and {@link GuestProcess#onExit()}
     */
    GuestProcess start(ExecRequest request);

    /**
     * {@return the result of a program run by {@link #exec(ExecRequest)} with everything else as by default; the arguments arrive
     * unchanged, no shell reads them}
     *
     * @param command the program, a path or a name on the guest's {@code PATH}, and its arguments
     */
    default ExecResult exec(String... command) {
        return exec(ExecRequest.of(command));
    }

    /**
     * {@return the result of a script run by the guest's {@code /bin/sh} with everything else as by default}
     *
     * @param script text for {@code sh -c}; its exit code is that of its last command
     */
    default ExecResult sh(String script) {
        return exec(ExecRequest.sh(script));
    }
}
