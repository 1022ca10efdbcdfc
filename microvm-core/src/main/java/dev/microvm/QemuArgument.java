/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import java.util.Objects;

/**
 * One argument of QEMU's command line and why it is there.
 *
 * @param text the argument as QEMU receives it
 * @param reason why it is there; an option and its value share one reason
 */
public record QemuArgument(String text, String reason) {
    /**
     * Checks that nothing is missing.
     *
     * @param text not null; unquoted
     * @param reason not null; a phrase
     */
    public QemuArgument {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(reason, "reason");
    }
}
