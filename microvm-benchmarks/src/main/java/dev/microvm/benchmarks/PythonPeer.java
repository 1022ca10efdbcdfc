/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The peer: QEMU's own client for Python, qemu.qmp, in a process of its own that does what it is told, line by line. */
final class PythonPeer implements AutoCloseable {
    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;
    private final String version;

    /**
     * Starts Python.
     *
     * @param packages the folder that holds the package {@code qemu}
     * @throws IOException if there is no Python or no such package
     */
    PythonPeer(Path packages) throws IOException {
        String program;
        try (InputStream file = PythonPeer.class.getResourceAsStream("qemu_qmp_blocks.py")) {
            if (file == null) {
                throw new IOException("the program for Python is missing beside this class");
            }
            program = new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
        ProcessBuilder builder =
                new ProcessBuilder("python3", "-c", program).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("PYTHONPATH", packages.toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        this.process = builder.start();
        this.orders = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.version = answer();
    }

    /** {@return the versions of qemu.qmp and of Python} */
    String version() {
        return version;
    }

    /**
     * Connects it to a server; it can be connected to one at a time.
     *
     * @return the connected client
     */
    Connected connect(Path socket) throws IOException {
        String unused = ask("connect " + socket);
        return new Connected();
    }

    private String ask(String order) throws IOException {
        orders.write(order + "\n");
        orders.flush();
        return answer();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the client for Python has ended; see what it said above");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Between connecting and disconnecting. */
    final class Connected implements QmpContestant {
        private Connected() {}

        @Override
        public long[] run(int operations) throws IOException {
            return Arrays.stream(ask("run " + operations).split(" ", -1))
                    .mapToLong(Long::parseLong)
                    .toArray();
        }

        /** {@return the length of its last command, line end included; only {@link CannedQmpServer} can tell} */
        int previousBytes() throws IOException {
            return Integer.parseInt(ask("previous"));
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public void close() throws IOException {
            String unused = ask("disconnect");
        }
    }
}
