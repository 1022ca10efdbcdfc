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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

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

    VmTimeoutException noSlot(ExecRequest request, int leftovers, Duration waited) {
        return new VmTimeoutException(
                "guest command " + request.command() + " found no free slot within " + waited.toMillis() + " ms",
                report(
                        request,
                        nothing(request, waited),
                        leftovers + " slots are held by processes that earlier commands left in the background",
                        "redirect the streams of what is to stay: \"daemon >/dev/null 2>&1 </dev/null &\""),
                null);
    }

    VmCancelledException cancelled(ExecRequest request, ExecResult soFar, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new VmCancelledException(
                "interrupted while guest command " + request.command() + " ran",
                report(request, soFar, "it had not ended", ""),
                cause);
    }

    VmExitedException lost(ExecRequest request, ExecResult soFar, Exception cause) {
        String reason = quotes.whyItWent(String.valueOf(cause.getMessage()));
        return new VmExitedException(
                "the VM went while guest command " + request.command() + " ran: " + reason,
                report(request, soFar, reason, ""),
                cause);
    }

    RuntimeException failed(ExecRequest request, ExecResult soFar, ExecutionException failure) {
        Throwable cause = failure.getCause();
        if (cause instanceof ControlLostException end) {
            return lost(request, soFar, end);
        }
        return new IllegalStateException(
                "guest command " + request.command()
                        + " was killed, because its input or a sink for its output failed: " + cause,
                cause);
    }

    static ExecResult nothing(ExecRequest request, Duration elapsed) {
        return ExecResult.of(request.command(), -1, new byte[0], new byte[0], elapsed);
    }

    private FailureReport report(ExecRequest request, ExecResult soFar, String observation, String hint) {
        List<String> said = new ArrayList<>();
        tail(soFar.stdout()).forEach(line -> said.add("(stdout) " + line));
        said.addAll(tail(soFar.stderr()));
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
