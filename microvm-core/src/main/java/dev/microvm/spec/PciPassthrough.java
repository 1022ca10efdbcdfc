/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import org.immutables.value.Value;

/**
 * A PCI device of the host handed to the guest by VFIO; the machine must have PCI ({@link MachineType#Q35} or {@link MachineType#VIRT}).
 */
@Value.Immutable
@SpecStyle
public sealed interface PciPassthrough permits ImmutablePciPassthrough {
    /** {@return the device's address on the host, such as {@code 0000:01:00.0}} */
    String host();

    /**
     * {@return the passthrough of the device with this address}
     *
     * @param host {@code [DOMAIN:]BUS:SLOT.FUNCTION} in hexadecimal digits, as lspci(8) shows it
     */
    static PciPassthrough of(String host) {
        return builder().host(host).build();
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        if (!host().matches("([0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]")) {
            throw Attribute.bad(
                    "PciPassthrough.host", host(), "must be [DOMAIN:]BUS:SLOT.FUNCTION, such as 0000:01:00.0");
        }
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutablePciPassthrough.builder();
    }

    /** Builds a {@link PciPassthrough}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutablePciPassthrough.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(PciPassthrough value);

        /**
         * Sets the device's address on the host; required.
         *
         * @param value {@code [DOMAIN:]BUS:SLOT.FUNCTION} in hexadecimal digits, as lspci(8) shows it
         * @return this builder
         */
        public abstract Builder host(String value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract PciPassthrough build();
    }
}
