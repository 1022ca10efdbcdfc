/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

class JunixListenerTest extends AbstractUnixListenerTest {
    @Override
    UnixTransport transport() {
        return UnixTransport.choose(UnixTransport.Kind.JUNIXSOCKET);
    }

    @Override
    int maxPathBytes() {
        return 107;
    }
}
