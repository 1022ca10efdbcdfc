/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A server in a process of its own: a real QEMU, or {@link CannedQmpServer}. */
final class QmpTarget implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final Path socket;

    private QmpTarget(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /**
     * Starts a QEMU without a machine, which nothing keeps from answering.
     *
     * @param program the QEMU
     * @param folder where its socket goes
     * @throws IOException if it does not listen in time
     */
    static QmpTarget qemu(String program, Path folder) throws IOException {
        Path socket = folder.resolve("qemu.sock");
        List<String> command = new ArrayList<>(
                List.of(program, "-M", "none", "-nodefaults", "-no-user-config", "-display", "none", "-S"));
        command.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        QmpTarget target = new QmpTarget(process, socket);
        try {
            target.awaitListener();
            return target;
        } catch (IOException e) {
            target.close();
            throw e;
        }
    }

    /** Starts a {@link CannedQmpServer}, which serves any number of clients. */
    static QmpTarget canned(FreshJvm jvm, Path folder) throws IOException {
        Path socket = folder.resolve("canned.sock");
        Process process = jvm.start(CannedQmpServer.class, socket.toString());
        if (!"listening".equals(process.inputReader().readLine())) {
            process.destroyForcibly();
            throw new IOException("the canned server does not listen");
        }
        return new QmpTarget(process, socket);
    }

    private void awaitListener() throws IOException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!Files.exists(socket)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("QEMU does not listen at " + socket);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
    }

    /** {@return where it listens; QEMU serves one client after the other} */
    Path socket() {
        return socket;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " survives SIGKILL");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
