/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * A disk image as a virtio-blk device. The image must exist.
 */
@Value.Immutable
@SpecStyle
public sealed interface Volume permits ImmutableVolume {
    /** {@return the image file} */
    Path image();

    /** {@return its format; default {@link VolumeFormat#RAW}} */
    @Value.Default
    default VolumeFormat format() {
        return VolumeFormat.RAW;
    }

    /** {@return whether the guest may only read; default false} */
    @Value.Default
    default boolean readOnly() {
        return false;
    }

    /** {@return the serial number by which the guest finds it ({@code /sys/block/*\/serial}), 1 to 20 bytes} */
    Optional<String> serial();

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.hostPath("Volume.image", image());
        serial().ifPresent(text -> Attribute.tag("Volume.serial", text, 20, "virtio-blk serials end at 20"));
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableVolume.builder();
    }

    /** Builds a {@link Volume}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableVolume.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(Volume value);

        /**
         * Sets the image file; required.
         *
         * @param value a literal path: no shell reads it, so {@code ~} is refused; a relative one is taken from the JVM's
         *     working directory; the file must exist when the VM starts
         * @return this builder
         */
        public abstract Builder image(Path value);

        /**
         * Sets the format.
         *
         * @param value default {@link VolumeFormat#RAW}; it must be the true one, QEMU does not guess
         * @return this builder
         */
        public abstract Builder format(VolumeFormat value);

        /**
         * Lets the guest only read.
         *
         * @param value default false; true also lets several VMs use the image at once
         * @return this builder
         */
        public abstract Builder readOnly(boolean value);

        /**
         * Sets the serial number.
         *
         * @param value 1 to 20 bytes without blanks (virtio 1.2, 5.2.6: {@code VIRTIO_BLK_T_GET_ID} carries 20)
         * @return this builder
         */
        public abstract Builder serial(String value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract Volume build();
    }
}
