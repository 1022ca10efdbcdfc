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
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A server in a process of its own: a real QEMU, or {@link CannedQmpServer}. */
final class QmpTarget implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final Iterator<Path> sockets;

    private QmpTarget(Process process, List<Path> sockets) {
        this.process = process;
        this.sockets = sockets.iterator();
    }

    /**
     * Starts a QEMU without a machine, which nothing keeps from answering.
     *
     * @param program the QEMU
     * @param folder where its sockets go
     * @param clients how many sockets it has: QEMU serves one client at each
     * @throws IOException if it does not listen in time
     */
    static QmpTarget qemu(String program, Path folder, int clients) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(program, "-M", "none", "-nodefaults", "-no-user-config", "-display", "none", "-S"));
        List<Path> sockets = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Path socket = folder.resolve("qemu" + i + ".sock");
            sockets.add(socket);
            command.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
        }
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        QmpTarget target = new QmpTarget(process, sockets);
        try {
            for (Path socket : sockets) {
                target.awaitListener(socket);
            }
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
        return new QmpTarget(process, Collections.nCopies(1000, socket));
    }

    private void awaitListener(Path socket) throws IOException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!Files.exists(socket)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("QEMU does not listen at " + socket);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
    }

    /** {@return the socket for one more client} */
    Path nextSocket() {
        return sockets.next();
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
