/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Answers as a program would that always ends in the same way, and counts. */
final class FakeRunner implements ProgramRunner {
    private final OptionalInt exitCode;
    private final byte[] output;
    private final String errors;
    final List<List<String>> commands = new ArrayList<>();

    FakeRunner(OptionalInt exitCode, byte[] output, String errors) {
        this.exitCode = exitCode;
        this.output = output;
        this.errors = errors;
    }

    static FakeRunner exiting(int code, String output, String errors) {
        return new FakeRunner(OptionalInt.of(code), output.getBytes(StandardCharsets.UTF_8), errors);
    }

    static FakeRunner hanging(String output) {
        return new FakeRunner(OptionalInt.empty(), output.getBytes(StandardCharsets.UTF_8), "");
    }

    @Override
    public Outcome run(List<String> command, Duration limit, OutputStream taker) throws IOException {
        commands.add(command);
        taker.write(output);
        return new Outcome(exitCode, "", errors);
    }
}
