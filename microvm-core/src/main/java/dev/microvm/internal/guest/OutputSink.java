/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes one output stream of one command: keeps the first bytes, hands all of them to the request's sinks. Whatever a sink throws, an
 * {@link Error} too, ends the command and not our thread, whose end would look like that of the port.
 */
final class OutputSink implements NonceSplitter.Sink {
    /** Hears how the stream ends. Called on the port's thread. */
    interface Listener {
        void streamEnded();

        void sinkFailed(Throwable failure);

        void streamLost(String reason);
    }

    /** As on the console: a guest that never ends a line must not fill the host's memory. */
    static final int LONGEST_LINE = 64 << 10;

    private final Optional<Consumer<String>> lines;
    private final Optional<OutputStream> stream;
    private final int maxBytes;
    private final Listener listener;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long dropped;
    private boolean ended;
    private boolean failed;

    OutputSink(Optional<Consumer<String>> lines, Optional<OutputStream> stream, int maxBytes, Listener listener) {
        this.lines = lines;
        this.stream = stream;
        this.maxBytes = maxBytes;
        this.listener = listener;
    }

    @Override
    public void bytes(byte[] buffer, int from, int to) {
        synchronized (kept) {
            int count = Math.min(to - from, maxBytes - kept.size());
            kept.write(buffer, from, count);
            dropped += to - from - count;
        }
        guarded(() -> handOn(buffer, from, to));
    }

    private interface Delivery {
        void run() throws IOException;
    }

    private void guarded(Delivery delivery) {
        if (failed) {
            return;
        }
        try {
            delivery.run();
        } catch (Throwable e) {
            failed = true;
            listener.sinkFailed(e);
        }
    }

    private void handOn(byte[] buffer, int from, int to) throws IOException {
        if (stream.isPresent()) {
            stream.get().write(buffer, from, to - from);
        }
        if (lines.isPresent()) {
            for (int i = from; i < to; i++) {
                if (buffer[i] == '\n') {
                    handOnLine(lines.get());
                } else if (line.size() < LONGEST_LINE) {
                    line.write(buffer[i]);
                }
            }
        }
    }

    private void handOnLine(Consumer<String> to) {
        String whole = line.toString(StandardCharsets.UTF_8);
        line.reset();
        to.accept(whole);
    }

    @Override
    public void end() {
        ended = true;
        if (lines.isPresent() && line.size() > 0) {
            guarded(() -> handOnLine(lines.get()));
        }
        listener.streamEnded();
    }

    void lost(String reason) {
        if (!ended) {
            listener.streamLost(reason);
        }
    }

    byte[] kept() {
        synchronized (kept) {
            return kept.toByteArray();
        }
    }

    long dropped() {
        synchronized (kept) {
            return dropped;
        }
    }
}
