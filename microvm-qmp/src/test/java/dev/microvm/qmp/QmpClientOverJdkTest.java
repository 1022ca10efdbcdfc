/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

class QmpClientOverJdkTest extends AbstractQmpClientTest {
    @Override
    TransportKind transport() {
        return TransportKind.JDK;
    }
}
