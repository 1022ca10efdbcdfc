/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JdkTransportTest extends AbstractUnixTransportTest {
    @Override
    UnixTransport transport() {
        return UnixTransport.choose(UnixTransport.Kind.JDK);
    }

    @Override
    int maxPathBytes() {
        return 106;
    }

    @Test
    void doesNotKnowThePeer() throws Exception {
        assertThat(pair().server().peerPid()).isEmpty();
    }
}
