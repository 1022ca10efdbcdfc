/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.error.FailureReport;
import dev.microvm.error.Phase;
import dev.microvm.error.VmCancelledException;
import dev.microvm.error.VmExitedException;
import dev.microvm.error.VmTimeoutException;
import dev.microvm.guest.Console;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns what can go wrong with a command into exceptions that tell everything. */
final class ExecFailures {
    private static final int TAIL_LINES = 25;

    private final Console console;
    private final VmQuotes quotes;

    ExecFailures(Console console, VmQuotes quotes) {
        this.console = console;
        this.quotes = quotes;
    }

    VmTimeoutException timedOut(ExecRequest request, String what, Duration limit, ExecResult soFar, Exception cause) {
        return new VmTimeoutException(
                "guest command " + request.command() + " " + what + " within " + limit.toMillis() + " ms",
                report(
                        request,
                        soFar,
                        "it had written " + soFar.stdoutBytes().length + " bytes of output and "
                                + soFar.stderrBytes().length + " bytes of errors",
                        ""),
                cause);
    }

    /** Tells apart slots in use, which become free, and held ones, which do not. */
    VmTimeoutException noSlot(ExecRequest request, int leftovers, int slots, Duration waited) {
        return new VmTimeoutException(
                "guest command " + request.command() + " found no free slot within " + waited.toMillis() + " ms",
                report(
                        request,
                        nothing(request, waited),
                        leftovers == 0
                                ? slots + " commands run at once, and " + slots + " are running"
                                : leftovers + " of " + slots
                                        + " slots are held by processes that earlier commands left in the background,"
                                        + " the others by running commands",
                        leftovers == 0
                                ? "wait for one of them to end, give the request a longer limit, or run fewer at once"
                                : "redirect the streams of what is to stay: \"daemon >/dev/null 2>&1 </dev/null &\""),
                null);
    }

    VmCancelledException cancelled(ExecRequest request, ExecResult soFar, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new VmCancelledException(
                "interrupted while guest command " + request.command() + " ran",
                report(request, soFar, "it had not ended", ""),
                cause);
    }

    /** For a command of which it is not known that it ran. */
    VmCancelledException cancelledBefore(ExecRequest request, Duration waited, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new VmCancelledException(
                "interrupted before guest command " + request.command() + " had started",
                report(request, nothing(request, waited), "it had not started", ""),
                cause);
    }

    /** For a command of which it is not known that it ran. */
    RuntimeException notStarted(ExecRequest request, Duration waited, IOException cause, Optional<String> controlLost) {
        String headline = "guest command " + request.command() + " was not started: ";
        ExecResult nothing = nothing(request, waited);
        if (controlLost.isEmpty()) {
            return broken(headline + cause.getMessage(), request, nothing, cause);
        }
        String reason = quotes.whyItWent(controlLost.get());
        return new VmExitedException(
                headline + "the VM has gone: " + reason,
                report(request, nothing, reason, quotes.cure().get()),
                cause);
    }

    private IllegalStateException broken(
            String headline, ExecRequest request, ExecResult soFar, @Nullable Throwable cause) {
        return new IllegalStateException(
                report(request, soFar, String.valueOf(cause), "").describe(headline), cause);
    }

    VmExitedException lost(ExecRequest request, ExecResult soFar, Exception cause) {
        String reason = quotes.whyItWent(String.valueOf(cause.getMessage()));
        return new VmExitedException(
                "the VM went while guest command " + request.command() + " ran: " + reason,
                report(request, soFar, reason, quotes.cure().get()),
                cause);
    }

    /** {@return what is told of a command that did not end by itself; the Javadoc of {@code GuestShell} promises these types} */
    RuntimeException failed(ExecRequest request, ExecResult soFar, @Nullable Throwable cause) {
        if (cause instanceof ControlLostException end) {
            return lost(request, soFar, end);
        }
        String what = cause instanceof PortLostException
                ? "one of its streams broke: " + cause.getMessage()
                : "its input or a sink for its output failed: " + cause;
        return broken("guest command " + request.command() + " was killed, because " + what, request, soFar, cause);
    }

    static ExecResult nothing(ExecRequest request, Duration elapsed) {
        return ExecResult.of(request.command(), -1, new byte[0], new byte[0], elapsed);
    }

    private FailureReport report(ExecRequest request, ExecResult soFar, String observation, String hint) {
        List<String> said = new ArrayList<>();
        tail(soFar.stdout()).forEach(line -> said.add("(stdout) " + line));
        said.addAll(tail(soFar.stderr()));
        said.addAll(quotes.service().get());
        quotes.stderr().get().forEach(line -> said.add("(qemu) " + line));
        return new FailureReport(
                "run " + request.command() + " in the guest",
                Phase.RUNNING,
                soFar.elapsed(),
                observation,
                console.tail(TAIL_LINES),
                said,
                quotes.commandLine().get(),
                hint);
    }

    private static List<String> tail(String text) {
        List<String> lines = text.lines().toList();
        return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    }
}
