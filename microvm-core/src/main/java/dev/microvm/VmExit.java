/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import java.time.Duration;
import java.util.Objects;

/**
 * How a VM ended.
 *
 * @param rung what ended it
 * @param exitCode QEMU's exit code; 128 + n for death by signal n
 * @param reason QEMU's word for it ({@code guest-shutdown}, {@code host-qmp-quit}, {@code guest-panic}, ...; the QMP event SHUTDOWN), or
 *     what was seen where QEMU could say nothing
 * @param uptime from the start of QEMU to its end
 */
public record VmExit(Rung rung, int exitCode, String reason, Duration uptime) {
    /**
     * Checks that nothing is missing.
     *
     * @param rung not null; {@link Rung#BY_ITSELF} where nobody stopped it
     * @param exitCode any; -1 where it could not be learnt
     * @param reason not null
     * @param uptime not null
     */
    public VmExit {
        Objects.requireNonNull(rung, "rung");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(uptime, "uptime");
    }

    /** The rungs of the ladder by which a VM is stopped, gentlest first. */
    public enum Rung {
        /** No rung was tried: the guest powered off, rebooted or panicked, QEMU died, or was told to quit by other means. */
        BY_ITSELF("ended by itself"),
        /** The control loop in the guest was told to power off. */
        GUEST_COMMAND("guest command"),
        /** The guest reacted to its power button (QMP {@code system_powerdown}). */
        POWER_BUTTON("system_powerdown"),
        /** QEMU was told to quit (QMP {@code quit}); the guest was not asked. */
        QMP_QUIT("QMP quit"),
        /** QEMU was sent SIGTERM. */
        SIGTERM("SIGTERM"),
        /** QEMU was sent SIGKILL. */
        SIGKILL("SIGKILL");

        private final String text;

        Rung(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** {@return whether the guest itself brought its work to an end: it powered off or rebooted, and QEMU ended without an error} */
    public boolean orderly() {
        return exitCode == 0 && (reason.startsWith("guest-") && !reason.equals("guest-panic"));
    }
}
