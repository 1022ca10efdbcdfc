/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.guest;

import java.io.IOException;

/** The connection to the guest's control loop has ended, or the VM has. */
public final class ControlLostException extends IOException {
    private static final long serialVersionUID = 1L;

    ControlLostException(String reason) {
        super(reason);
    }
}
