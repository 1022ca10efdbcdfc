/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.io.IOException;

/** A port of a command broke while the VM and its control connection go on. */
final class PortLostException extends IOException {
    private static final long serialVersionUID = 1L;

    PortLostException(String reason) {
        super(reason);
    }
}
