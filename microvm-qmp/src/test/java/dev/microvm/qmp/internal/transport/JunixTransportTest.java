/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JunixTransportTest extends AbstractUnixTransportTest {
    @Override
    UnixTransport transport() {
        return UnixTransport.choose(UnixTransport.Kind.JUNIXSOCKET);
    }

    @Override
    int maxPathBytes() {
        return 107;
    }

    @Test
    void knowsThePeer() throws Exception {
        Pair pair = pair();
        assertThat(pair.server().peerPid()).hasValue(ProcessHandle.current().pid());
        assertThat(pair.client().peerPid()).hasValue(ProcessHandle.current().pid());
    }
}
