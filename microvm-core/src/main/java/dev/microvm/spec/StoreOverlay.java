/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Optional;
import org.immutables.value.Value;

/**
 * A read-only tree of the guest made writable by an overlay; made for a shared {@code /nix/store}. Its upper layer is in the guest's memory,
 * or on a volume or virtiofs share, where it outlives the VM. (Linux, Documentation/filesystems/overlayfs.rst: 9p cannot be the upper layer.)
 */
@Value.Immutable
@SpecStyle
public sealed interface StoreOverlay permits ImmutableStoreOverlay {
    /** {@return the read-only tree, mounted before; such as {@code /nix/.ro-store}} */
    String lower();

    /**
     * {@return where the upper layer is, in the folders {@code store} and {@code work} below it: what is mounted there says
     * {@link #upperLayer()}; such as {@code /nix/.rw-store}}
     */
    String upper();

    /** {@return on what the upper layer is; default {@link UpperLayer#TMPFS}} */
    @Value.Default
    default UpperLayer upperLayer() {
        return UpperLayer.TMPFS;
    }

    /** {@return the most that the tmpfs takes of the guest's memory, in MiB; absent: half of it, the kernel's default} */
    Optional<Integer> sizeMib();

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
        apart(
                "StoreOverlay.upper",
                upper(),
                "lower",
                lower(),
                "the kernel refuses layers of which one is inside the other");
        apart("StoreOverlay.upper", upper(), "mountPoint", mountPoint(), "one would hide the other");
        sizeMib().ifPresent(size -> {
            Attribute.range("StoreOverlay.sizeMib", size, 1, 16 * 1024 * 1024);
            if (upperLayer() != UpperLayer.TMPFS) {
                throw Attribute.bad(
                        "StoreOverlay.sizeMib", size, "is that of a tmpfs, and upperLayer is " + upperLayer());
            }
        });
    }

    private static void apart(String attribute, String path, String otherName, String other, String why) {
        if (path.equals(other) || path.startsWith(other + "/") || other.startsWith(path + "/")) {
            throw Attribute.bad(attribute, path, "must lie apart from " + otherName + " = " + other + ": " + why);
        }
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
         * @param value an absolute, normalised path in the guest, apart from lower and mountPoint, and from the upper of every other overlay;
         *     what the guest writes lives there. On a share the folder is made before the start and locked for the life of the VM
         * @return this builder
         */
        public abstract Builder upper(String value);

        /**
         * Sets on what the upper layer is.
         *
         * @param value default {@link UpperLayer#TMPFS}; for {@link UpperLayer#MOUNTED} a volume or a virtiofs share with xattr must be
         *     mounted at upper or above it
         * @return this builder
         */
        public abstract Builder upperLayer(UpperLayer value);

        /**
         * Sets the most that the tmpfs takes.
         *
         * @param value 1 to 16777216 MiB, only for {@link UpperLayer#TMPFS}; not set: half of the guest's memory
         * @return this builder
         */
        public abstract Builder sizeMib(int value);

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
