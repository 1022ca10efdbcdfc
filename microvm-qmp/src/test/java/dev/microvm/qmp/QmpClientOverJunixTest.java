/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

class QmpClientOverJunixTest extends AbstractQmpClientTest {
    @Override
    TransportKind transport() {
        return TransportKind.JUNIXSOCKET;
    }
}
