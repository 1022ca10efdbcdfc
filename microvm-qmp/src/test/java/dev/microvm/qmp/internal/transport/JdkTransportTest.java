/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class JdkTransportTest extends AbstractUnixWritesTest {
    @Override
    UnixTransport transport() {
        return UnixTransport.choose(UnixTransport.Kind.JDK);
    }

    @Override
    int maxPathBytes() {
        return 106;
    }

    /** Any thread may read, also one that others interrupt. */
    @Test
    void endsALimitedReadWhenItsThreadIsInterruptedAndStaysUsable() throws Exception {
        Pair pair = pair();
        assertThat(pair.client().readsInAnyThread()).isTrue();
        var reading = new Running<>(() -> {
            int length = pair.client().read(ByteBuffer.allocate(1), 600_000);
            return length + " " + Thread.interrupted();
        });
        reading.thread.interrupt();
        assertThat(reading.get()).isEqualTo("0 true");
        assertThat(pair.client().read(ByteBuffer.allocate(1), 1)).isZero();
        pair.server().write(ByteBuffer.wrap(new byte[] {7}));
        assertThat(pair.client().read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    @Test
    void doesNotKnowThePeer() throws Exception {
        assertThat(pair().server().peerPid()).isEmpty();
    }
}
