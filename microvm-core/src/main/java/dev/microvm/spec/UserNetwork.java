/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Optional;
import org.immutables.value.Value;

/**
 * QEMU's user-mode network (SLIRP): no privileges; the guest is 10.0.2.15, and reaches the host's loopback as 10.0.2.2 unless
 * {@link #restrict() restricted}. (QEMU manual, {@code -netdev user}.)
 */
@Value.Immutable
@SpecStyle
public sealed interface UserNetwork extends NetworkInterface permits ImmutableUserNetwork {
    /** {@return the interface's name in QEMU, unique in a VM; default {@code net0}} */
    @Override
    @Value.Default
    default String id() {
        return "net0";
    }

    /** {@return the MAC address; absent: made from the position, {@code 02:00:00:00:00:01} and so on} */
    @Override
    Optional<String> mac();

    /** {@return whether the guest is cut off from everything but the forwards; default false} */
    @Value.Default
    default boolean restrict() {
        return false;
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.name("UserNetwork.id", id());
        mac().ifPresent(text -> Attribute.mac("UserNetwork.mac", text));
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableUserNetwork.builder();
    }

    /** Builds a {@link UserNetwork}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableUserNetwork.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(UserNetwork value);

        /**
         * Sets the interface's name in QEMU.
         *
         * @param value 1 to 63 letters, digits, '.', '_' or '-', unique in the VM; default {@code net0}
         * @return this builder
         */
        public abstract Builder id(String value);

        /**
         * Sets the MAC address.
         *
         * @param value six hexadecimal pairs separated by ':', the first one even (not multicast)
         * @return this builder
         */
        public abstract Builder mac(String value);

        /**
         * Cuts the guest off from everything but the forwards.
         *
         * @param value default false; true refuses the host's network and its loopback alike
         * @return this builder
         */
        public abstract Builder restrict(boolean value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract UserNetwork build();
    }
}
