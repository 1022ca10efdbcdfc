/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

class JdkListenerTest extends AbstractUnixListenerTest {
    @Override
    UnixTransport transport() {
        return UnixTransport.choose(UnixTransport.Kind.JDK);
    }

    @Override
    int maxPathBytes() {
        return 106;
    }
}
