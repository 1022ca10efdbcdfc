/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import dev.microvm.internal.qemu.PortStream;
import dev.microvm.qmp.internal.transport.UnixConnection;
import dev.microvm.qmp.internal.transport.UnixTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Three ports of the guest for one command at a time. The output ports are connected at the first use and stay so. */
final class ExecSlot implements AutoCloseable {
    /** The sockets are there since QEMU started; connecting takes as long as QEMU's main loop is busy. */
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final int number;
    private final Function<PortStream, Path> sockets;
    private final UnixTransport transport;
    private final Executor threads;
    private final QemuPeer peer;
    private @Nullable PortReader out;
    private @Nullable PortReader err;

    ExecSlot(int number, Function<PortStream, Path> sockets, UnixTransport transport, Executor threads, QemuPeer peer) {
        this.number = number;
        this.sockets = sockets;
        this.transport = transport;
        this.threads = threads;
        this.peer = peer;
    }

    int number() {
        return number;
    }

    /** Hands the output of the command with this nonce to two sinks. */
    synchronized void expect(byte[] nonce, OutputSink stdout, OutputSink stderr)
            throws IOException, InterruptedException {
        out = connected(out, PortStream.OUT);
        err = connected(err, PortStream.ERR);
        out.expect(nonce, stdout);
        err.expect(nonce, stderr);
    }

    private PortReader connected(@Nullable PortReader reader, PortStream stream)
            throws IOException, InterruptedException {
        if (reader != null && !reader.hasEnded()) {
            return reader;
        }
        if (reader != null) {
            reader.close();
        }
        String name = "slot" + number + "-" + (stream == PortStream.OUT ? "out" : "err");
        PortReader fresh = new PortReader(connect(stream, name), name);
        threads.execute(fresh);
        return fresh;
    }

    /** {@return a new connection to the input port; its owner closes it} */
    UnixConnection connectInput() throws IOException, InterruptedException {
        return connect(PortStream.IN, "slot" + number + "-in");
    }

    private UnixConnection connect(PortStream stream, String name) throws IOException, InterruptedException {
        return peer.checked(transport.connect(sockets.apply(stream), CONNECT_LIMIT, "microvm-" + name), name);
    }

    @Override
    public synchronized void close() {
        if (out != null) {
            out.close();
        }
        if (err != null) {
            err.close();
        }
    }
}
