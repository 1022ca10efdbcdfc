/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import org.immutables.value.Value;

/**
 * A read-only tree of the guest made writable by an overlay whose upper layer is a tmpfs; made for a shared {@code /nix/store}.
 * (Linux, Documentation/filesystems/overlayfs.rst: 9p cannot be the upper layer.)
 */
@Value.Immutable
@SpecStyle
public sealed interface StoreOverlay permits ImmutableStoreOverlay {
    /** {@return the read-only tree, mounted before; such as {@code /nix/.ro-store}} */
    String lower();

    /** {@return where the tmpfs of the upper layer is mounted; such as {@code /nix/.rw-store}} */
    String upper();

    /** {@return where the writable tree appears; such as {@code /nix/store}} */
    String mountPoint();

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.guestPath("StoreOverlay.lower", lower());
        Attribute.guestPath("StoreOverlay.upper", upper());
        Attribute.guestPath("StoreOverlay.mountPoint", mountPoint());
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableStoreOverlay.builder();
    }

    /** Builds a {@link StoreOverlay}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableStoreOverlay.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(StoreOverlay value);

        /**
         * Sets the read-only tree; required.
         *
         * @param value an absolute, normalised path in the guest; usually the mount point of a read-only share of the same VM
         * @return this builder
         */
        public abstract Builder lower(String value);

        /**
         * Sets the upper layer's place; required.
         *
         * @param value an absolute, normalised path in the guest; what the guest writes lives there, in its memory, and goes
         *     with the VM
         * @return this builder
         */
        public abstract Builder upper(String value);

        /**
         * Sets where the writable tree appears; required.
         *
         * @param value an absolute, normalised path in the guest; made by the init where it is missing
         * @return this builder
         */
        public abstract Builder mountPoint(String value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract StoreOverlay build();
    }
}
