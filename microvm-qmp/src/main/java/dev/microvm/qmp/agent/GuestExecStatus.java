/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * How it stands with a program that the agent started ({@code guest-exec-status}).
 *
 * @param exited whether it has ended
 * @param exitCode its exit code, or null if it has not ended or was killed
 * @param signal the signal (on Windows the exception) that killed it, or null
 * @param outData what it wrote to its standard output so far, in Base64; empty unless that was captured, and until it has ended
 * @param errData the same for its standard error
 * @param truncated whether some output is missing: QEMU's agent keeps 16 MiB of each stream
 */
public record GuestExecStatus(
        boolean exited,
        @Nullable Integer exitCode,
        @Nullable Integer signal,
        String outData,
        String errData,
        boolean truncated) {

    static GuestExecStatus read(JsonValue value) {
        QmpReader in = QmpReader.of(value);
        return new GuestExecStatus(
                in.bool("exited"),
                number(in, "exitcode"),
                number(in, "signal"),
                text(in, "out-data"),
                text(in, "err-data"),
                Boolean.TRUE.equals(in.boolOrNull("out-truncated"))
                        || Boolean.TRUE.equals(in.boolOrNull("err-truncated")));
    }

    private static @Nullable Integer number(QmpReader in, String name) {
        Long number = in.integerOrNull(name);
        return number == null ? null : (Integer) number.intValue();
    }

    private static String text(QmpReader in, String name) {
        String text = in.stringOrNull(name);
        return text == null ? "" : text;
    }

    /**
     * Tells whether the program has ended well.
     *
     * @return true if its exit code is 0
     */
    public boolean succeeded() {
        return exitCode != null && exitCode == 0;
    }

    /**
     * Returns the standard output.
     *
     * @return the bytes
     * @throws IllegalArgumentException if the agent sent something that is not Base64
     */
    public byte[] outBytes() {
        return Base64.getDecoder().decode(outData);
    }

    /**
     * Returns the standard error.
     *
     * @return the bytes
     * @throws IllegalArgumentException if the agent sent something that is not Base64
     */
    public byte[] errBytes() {
        return Base64.getDecoder().decode(errData);
    }

    /**
     * Returns the standard output as text.
     *
     * @return the bytes read as UTF-8
     * @throws IllegalArgumentException if the agent sent something that is not Base64
     */
    public String out() {
        return new String(outBytes(), StandardCharsets.UTF_8);
    }

    /**
     * Returns the standard error as text.
     *
     * @return the bytes read as UTF-8
     * @throws IllegalArgumentException if the agent sent something that is not Base64
     */
    public String err() {
        return new String(errBytes(), StandardCharsets.UTF_8);
    }

    /** Shows how much output there is, not the output: it may be 44 MB, and secret. */
    @Override
    public String toString() {
        return "GuestExecStatus[exited=" + exited + ", exitCode=" + exitCode + ", signal=" + signal + ", outData=("
                + outData.length() + " characters), errData=(" + errData.length() + " characters), truncated="
                + truncated + "]";
    }
}
