/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

class QmpConnectionOverJunixTest extends AbstractQmpConnectionTest {
    @Override
    TransportKind transport() {
        return TransportKind.JUNIXSOCKET;
    }
}
