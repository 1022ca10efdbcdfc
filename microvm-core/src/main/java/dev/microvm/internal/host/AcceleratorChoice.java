/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import dev.microvm.spec.Accelerator;

/**
 * What will execute the guest's instructions, and why.
 *
 * @param kind {@link Accelerator#KVM} or {@link Accelerator#TCG}, never {@link Accelerator#AUTO}
 * @param reason why, for people: what was tried and what QEMU said
 */
public record AcceleratorChoice(Accelerator kind, String reason) {
    /** Refuses {@link Accelerator#AUTO}, which is a wish and not a choice. */
    public AcceleratorChoice {
        if (kind == Accelerator.AUTO) {
            throw new IllegalArgumentException("kind = AUTO: a choice is KVM or TCG");
        }
    }
}
