/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/** Takes one output stream of one command: keeps the first bytes, hands all of them to the request's sinks. */
final class OutputSink implements NonceSplitter.Sink {
    /** Hears how the stream ends. Called on the port's thread. */
    interface Listener {
        void streamEnded();

        void sinkFailed(Throwable failure);

        void streamLost(String reason);
    }

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
        if (!failed) {
            try {
                handOn(buffer, from, to);
            } catch (IOException
                    | RuntimeException e) { // whatever a user's sink throws ends the command, not our thread
                failed = true;
                listener.sinkFailed(e);
            }
        }
    }

    private void handOn(byte[] buffer, int from, int to) throws IOException {
        if (stream.isPresent()) {
            stream.get().write(buffer, from, to - from);
        }
        if (lines.isPresent()) {
            for (int i = from; i < to; i++) {
                if (buffer[i] == '\n') {
                    lines.get().accept(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else {
                    line.write(buffer[i]);
                }
            }
        }
    }

    @Override
    public void end() {
        ended = true;
        if (lines.isPresent() && line.size() > 0 && !failed) {
            try {
                lines.get().accept(line.toString(StandardCharsets.UTF_8));
            } catch (RuntimeException e) { // as above
                listener.sinkFailed(e);
            }
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
