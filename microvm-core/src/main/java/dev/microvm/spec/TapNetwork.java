/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Optional;
import org.immutables.value.Value;

/**
 * A tap device of the host that exists already and that QEMU's user may open. (QEMU manual, {@code -netdev tap}.)
 */
@Value.Immutable
@SpecStyle
public sealed interface TapNetwork extends NetworkInterface permits ImmutableTapNetwork {
    /** {@return the interface's name in QEMU, unique in a VM; default {@code net0}} */
    @Override
    @Value.Default
    default String id() {
        return "net0";
    }

    /** {@return the tap device's name, 1 to 15 bytes} */
    String device();

    /** {@return the MAC address; absent: made from the VM's name and the position, so that VMs of different names can share a bridge} */
    @Override
    Optional<String> mac();

    /** {@return whether the kernel moves the packets ({@code vhost=on}); default false} */
    @Value.Default
    default boolean vhost() {
        return false;
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.name("TapNetwork.id", id());
        Attribute.tag("TapNetwork.device", device(), 15, "the kernel's interface names end at 15");
        mac().ifPresent(text -> Attribute.mac("TapNetwork.mac", text));
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableTapNetwork.builder();
    }

    /** Builds a {@link TapNetwork}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableTapNetwork.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(TapNetwork value);

        /**
         * Sets the interface's name in QEMU.
         *
         * @param value 1 to 63 letters, digits, '.', '_' or '-', unique in the VM; default {@code net0}
         * @return this builder
         */
        public abstract Builder id(String value);

        /**
         * Sets the tap device's name; required.
         *
         * @param value 1 to 15 bytes without blanks (Linux, {@code IFNAMSIZ})
         * @return this builder
         */
        public abstract Builder device(String value);

        /**
         * Sets the MAC address.
         *
         * @param value six hexadecimal pairs separated by ':', the first one even (not multicast)
         * @return this builder
         */
        public abstract Builder mac(String value);

        /**
         * Lets the kernel move the packets.
         *
         * @param value default false; true needs {@code /dev/vhost-net}, which QEMU's user may open
         * @return this builder
         */
        public abstract Builder vhost(boolean value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract TapNetwork build();
    }
}
