/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.error.VmTimeoutException;
import dev.microvm.guest.Console;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.guest.GuestProcess;
import dev.microvm.guest.GuestShell;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Runs commands by the control loop. */
final class ControlShell implements GuestShell {
    private final Supplier<ControlConnection> control;
    private final ExecSlots slots;
    private final Executor threads;
    private final ExecFailures failures;
    private final SecureRandom random = new SecureRandom();

    ControlShell(
            Supplier<ControlConnection> control, ExecSlots slots, Executor threads, Console console, VmQuotes quotes) {
        this.control = control;
        this.slots = slots;
        this.threads = threads;
        this.failures = new ExecFailures(console, quotes);
    }

    @Override
    public ExecResult exec(ExecRequest request) {
        long end = System.nanoTime() + request.limit().toNanos();
        GuestExec running = begin(request, end);
        boolean done = false;
        try {
            ExecResult result = running.awaitUntil(end, request.limit());
            done = true;
            return result;
        } catch (VmTimeoutException e) {
            running.close();
            done = true;
            throw e;
        } finally {
            if (!done && running.isAlive()) {
                // Interrupted: the caller is not kept waiting for the two seconds of grace.
                running.terminate();
                threads.execute(running::close);
            }
        }
    }

    @Override
    public GuestProcess start(ExecRequest request) {
        return begin(request, System.nanoTime() + request.limit().toNanos());
    }

    /** A busy slot is no failure: the command has not been run, and another slot takes it. */
    private GuestExec begin(ExecRequest request, long end) {
        long begin = System.nanoTime();
        try {
            while (true) {
                Optional<ExecSlot> slot = slots.acquire(end - System.nanoTime());
                if (slot.isEmpty()) {
                    throw failures.noSlot(request, slots.heldByLeftovers(), slots.count(), since(begin));
                }
                GuestExec exec = new GuestExec(request, control.get(), slots, slot.get(), threads, failures, random);
                exec.begin();
                if (exec.awaitAccepted(end - System.nanoTime())) {
                    return exec;
                }
            }
        } catch (TimeoutException e) {
            throw failures.timedOut(
                    request, "was not started", request.limit(), ExecFailures.nothing(request, since(begin)), e);
        } catch (InterruptedException e) {
            throw failures.cancelledBefore(request, since(begin), e);
        } catch (IOException e) {
            throw failures.notStarted(request, since(begin), e, control.get().whyLost());
        }
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
