/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import org.immutables.value.Value;

/**
 * A virtio socket device of the kernel (vhost-vsock); QEMU's user must be able to open {@code /dev/vhost-vsock}.
 */
@Value.Immutable
@SpecStyle
public sealed interface VsockDevice permits ImmutableVsockDevice {
    /** {@return the guest's context id, 3 to 4294967294, unique on the host} */
    long cid();

    /**
     * {@return the device with a context id}
     *
     * @param cid 3 to 4294967294, unique on the host; 0 to 2 are taken (vsock(7))
     */
    static VsockDevice of(long cid) {
        return builder().cid(cid).build();
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.range("VsockDevice.cid", cid(), 3, 4_294_967_294L);
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableVsockDevice.builder();
    }

    /** Builds a {@link VsockDevice}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableVsockDevice.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(VsockDevice value);

        /**
         * Sets the guest's context id; required.
         *
         * @param value 3 to 4294967294, unique on the host; 0 to 2 are taken (vsock(7))
         * @return this builder
         */
        public abstract Builder cid(long value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract VsockDevice build();
    }
}
