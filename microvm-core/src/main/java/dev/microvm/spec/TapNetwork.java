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

        /** Copies all attributes of a value; lists are added to. */
        public abstract Builder from(TapNetwork value);

        /** Sets the interface's name in QEMU. */
        public abstract Builder id(String value);

        /** Sets the tap device's name; required. */
        public abstract Builder device(String value);

        /** Sets the MAC address. */
        public abstract Builder mac(String value);

        /** Lets the kernel move the packets. */
        public abstract Builder vhost(boolean value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract TapNetwork build();
    }
}
