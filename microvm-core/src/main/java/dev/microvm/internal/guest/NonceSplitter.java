/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.util.Arrays;

/**
 * Finds one command's output in the endless stream of a port: what stands between the first and the second nonce. What comes before is
 * late output of an earlier command, what comes after is late output of this one; both are dropped. Bytes that may be the beginning of
 * a nonce are held back until the next ones are there, and no others. Not thread-safe.
 */
final class NonceSplitter {
    /** Takes the output. */
    interface Sink {
        /** Takes some bytes, which are only valid during the call. */
        void bytes(byte[] buffer, int from, int to);

        /** The second nonce has come. */
        void end();
    }

    private enum State {
        BEFORE,
        WITHIN,
        AFTER
    }

    private final byte[] nonce;
    private final Sink sink;
    private final int[] skip = new int[256];
    private State state = State.BEFORE;
    private byte[] window = new byte[0];
    private int held;

    NonceSplitter(byte[] nonce, Sink sink) {
        this.nonce = nonce.clone();
        this.sink = sink;
        // Horspool's algorithm: how far the window may move by the byte under the nonce's last one.
        Arrays.fill(skip, nonce.length);
        for (int i = 0; i < nonce.length - 1; i++) {
            skip[nonce[i] & 0xff] = nonce.length - 1 - i;
        }
    }

    void take(byte[] chunk, int length) {
        if (state == State.AFTER) {
            return;
        }
        int end = held + length;
        if (window.length < end) {
            window = Arrays.copyOf(window, Math.max(end, chunk.length + nonce.length));
        }
        System.arraycopy(chunk, 0, window, held, length);
        int from = 0;
        int at = indexOf(from, end);
        while (at >= 0 && state != State.AFTER) {
            if (state == State.BEFORE) {
                state = State.WITHIN;
            } else {
                give(from, at);
                state = State.AFTER;
                sink.end();
            }
            from = at + nonce.length;
            at = indexOf(from, end);
        }
        held = state == State.AFTER ? 0 : possibleBeginning(from, end);
        give(from, end - held);
        System.arraycopy(window, end - held, window, 0, held);
    }

    private void give(int from, int to) {
        if (state == State.WITHIN && to > from) {
            sink.bytes(window, from, to);
        }
    }

    private int indexOf(int from, int end) {
        int last = nonce.length - 1;
        for (int at = from; at + last < end; at += skip[window[at + last] & 0xff]) {
            if (Arrays.equals(window, at, at + nonce.length, nonce, 0, nonce.length)) {
                return at;
            }
        }
        return -1;
    }

    /** How many of the last bytes may be the beginning of a nonce. */
    private int possibleBeginning(int from, int end) {
        for (int count = Math.min(nonce.length - 1, end - from); count > 0; count--) {
            if (Arrays.equals(window, end - count, end, nonce, 0, count)) {
                return count;
            }
        }
        return 0;
    }
}
