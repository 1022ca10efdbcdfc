/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import dev.microvm.error.FailureReport;
import dev.microvm.error.GuestCommandException;
import dev.microvm.error.Phase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** How a guest command ended and what it wrote. */
public final class ExecResult {
    private static final int TAIL_LINES = 50;

    private final List<String> command;
    private final int exitCode;
    private final byte[] stdout;
    private final byte[] stderr;
    private final long droppedBytes;
    private final Duration elapsed;

    private ExecResult(
            List<String> command, int exitCode, byte[] stdout, byte[] stderr, long droppedBytes, Duration elapsed) {
        this.command = List.copyOf(command);
        this.exitCode = exitCode;
        this.stdout = stdout.clone();
        this.stderr = stderr.clone();
        this.droppedBytes = droppedBytes;
        this.elapsed = elapsed;
    }

    /**
     * {@return a result, for a {@link GuestShell} of one's own; nothing was dropped}
     *
     * @param command the program and its arguments; copied
     * @param exitCode as a shell gives it: 128 + n for death by signal n
     * @param stdout what it wrote to standard output; copied
     * @param stderr what it wrote to standard error; copied
     * @param elapsed from the request to the end of the command and its output
     */
    public static ExecResult of(List<String> command, int exitCode, byte[] stdout, byte[] stderr, Duration elapsed) {
        return new ExecResult(command, exitCode, stdout, stderr, 0, elapsed);
    }

    /**
     * {@return the same result, with a number of bytes of output that were not kept}
     *
     * @param bytes of both streams together, not negative
     */
    public ExecResult withDroppedBytes(long bytes) {
        return new ExecResult(command, exitCode, stdout, stderr, bytes, elapsed);
    }

    /** {@return the program and its arguments} */
    public List<String> command() {
        return command;
    }

    /**
     * {@return the exit code, as a shell gives it: 128 + n for death by signal n; 126 and 127 where the program could not be run or was
     * not found}
     */
    public int exitCode() {
        return exitCode;
    }

    /** {@return whether the exit code is 0} */
    public boolean isSuccess() {
        return exitCode == 0;
    }

    /** {@return the kept standard output, decoded as UTF-8; what is none is replaced} */
    public String stdout() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /** {@return the kept standard error, decoded as UTF-8; what is none is replaced} */
    public String stderr() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    /** {@return a copy of the kept bytes of standard output} */
    public byte[] stdoutBytes() {
        return stdout.clone();
    }

    /** {@return a copy of the kept bytes of standard error} */
    public byte[] stderrBytes() {
        return stderr.clone();
    }

    /** {@return how many bytes of both streams were not kept, see {@link ExecRequest#maxCapturedBytes()}; usually 0} */
    public long droppedBytes() {
        return droppedBytes;
    }

    /** {@return the time from the request to the end of the command and its output} */
    public Duration elapsed() {
        return elapsed;
    }

    /**
     * {@return this result, if the command succeeded}
     *
     * @throws GuestCommandException if the exit code is not 0, with the last lines of standard error (of standard output where that is
     *     empty)
     */
    public ExecResult orFail() {
        if (isSuccess()) {
            return this;
        }
        String said = stderr().isBlank() ? stdout() : stderr();
        List<String> lines = said.lines().toList();
        FailureReport report = new FailureReport(
                "run " + command + " in the guest",
                Phase.RUNNING,
                elapsed,
                "it ended with exit code " + exitCode,
                List.of(),
                lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()),
                List.of(),
                hint());
        throw new GuestCommandException(
                "guest command " + command + " failed with exit code " + exitCode, exitCode, report);
    }

    private String hint() {
        return switch (exitCode) {
            case 126 -> "the program is there but cannot be executed, or the working folder is not there";
            case 127 -> "there is no such program on the guest's PATH";
            default -> "";
        };
    }

    @Override
    public String toString() {
        return "ExecResult[" + command + ", exit code " + exitCode + ", " + stdout.length + " + " + stderr.length
                + " bytes, " + elapsed.toMillis() + " ms]";
    }
}
