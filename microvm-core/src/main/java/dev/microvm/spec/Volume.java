/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.immutables.value.Value;

/**
 * A disk image as a virtio-blk device. It must exist, or {@link #createMib()} says how large it is made; it is never overwritten and never
 * resized.
 */
@Value.Immutable
@SpecStyle
public sealed interface Volume permits ImmutableVolume {
    /** What a virtio-blk device carries of a serial number (virtio 1.2, 5.2.6). */
    int MAX_SERIAL_BYTES = 20;

    /** {@return the image file} */
    Path image();

    /** {@return its format; default {@link VolumeFormat#RAW}} */
    @Value.Default
    default VolumeFormat format() {
        return VolumeFormat.RAW;
    }

    /** {@return whether a qcow2 image may name another file, its backing or data file, that QEMU opens too; default false} */
    @Value.Default
    default boolean linked() {
        return false;
    }

    /** {@return whether the guest may only read; default false} */
    @Value.Default
    default boolean readOnly() {
        return false;
    }

    /** {@return the serial number by which the guest finds it ({@code /sys/block/*\/serial}), 1 to 20 bytes; see {@link #guestSerial()}} */
    Optional<String> serial();

    /** {@return the size in MiB with which the image is created, sparse, where it does not exist; absent: it must exist} */
    Optional<Integer> createMib();

    /** {@return the file system in the whole image: made with it where it is created, and mounted; absent: no business of this library} */
    Optional<FileSystem> fileSystem();

    /** {@return the label of the file system that is made} */
    Optional<String> label();

    /** {@return further arguments for the program that makes the file system} */
    List<String> mkfsArguments();

    /** {@return where the guest mounts it; absent: attached, not mounted} */
    Optional<String> mountPoint();

    /** {@return options of the guest's mount, besides {@code ro} or {@code rw}} */
    List<String> mountOptions();

    /** {@return whether QEMU passes the host's page cache by ({@code cache.direct}, O_DIRECT); default false} */
    @Value.Default
    default boolean direct() {
        return false;
    }

    /** {@return whether what the guest trims is given back to the host's file system; default true} */
    @Value.Default
    default boolean discard() {
        return true;
    }

    /**
     * {@return a raw image with the defaults}
     *
     * @param image a literal path; the file must exist when the VM starts
     */
    static Volume of(Path image) {
        return builder().image(image).build();
    }

    /**
     * {@return this volume, created where it does not exist, with a file system}
     *
     * @param mib the size in MiB, at least what the file system needs
     * @param fileSystem what is made in it
     */
    default Volume createdWith(int mib, FileSystem fileSystem) {
        return builder().from(this).createMib(mib).fileSystem(fileSystem).build();
    }

    /**
     * {@return this volume, mounted in the guest}
     *
     * @param mountPoint an absolute, normalised path in the guest; made by the init where it is missing
     */
    default Volume mountedAt(String mountPoint) {
        return builder().from(this).mountPoint(mountPoint).build();
    }

    /** {@return this volume, read-only} */
    default Volume asReadOnly() {
        return builder().from(this).readOnly(true).build();
    }

    /**
     * {@return the serial number that the device gets: {@link #serial()}, else for a volume that is mounted one derived from the image's
     * path, so that the guest finds it whatever the order of its disks; else none}
     */
    default Optional<String> guestSerial() {
        if (serial().isPresent() || mountPoint().isEmpty()) {
            return serial();
        }
        byte[] path = image().toString().getBytes(StandardCharsets.UTF_8);
        return Optional.of(
                "mv-" + UUID.nameUUIDFromBytes(path).toString().replace("-", "").substring(0, 17));
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.hostPath("Volume.image", image());
        serial().ifPresent(
                        text -> Attribute.tag("Volume.serial", text, MAX_SERIAL_BYTES, "virtio-blk serials end at 20"));
        mountPoint().ifPresent(path -> Attribute.guestPath("Volume.mountPoint", path));
        if (mountPoint().isPresent() && fileSystem().isEmpty()) {
            throw Attribute.bad("Volume.mountPoint", mountPoint().get(), "needs the fileSystem that is mounted there");
        }
        if (!mountOptions().isEmpty() && mountPoint().isEmpty()) {
            throw Attribute.bad("Volume.mountOptions", mountOptions(), "need a mountPoint");
        }
        mountOptions().forEach(option -> {
            Attribute.word("Volume.mountOptions", option);
            if (option.matches(".*[\\s,].*") || option.equals("ro") || option.equals("rw")) {
                throw Attribute.bad(
                        "Volume.mountOptions",
                        option,
                        "one option each, without blanks or ','; ro and rw follow readOnly");
            }
        });
        if (linked() && format() != VolumeFormat.QCOW2) {
            throw Attribute.bad(
                    "Volume.linked", linked(), "only a qcow2 image can name another file; say format QCOW2");
        }
        VolumeCreation.check(this);
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
         *     working directory; the file must exist when the VM starts, or a createMib be given
         * @return this builder
         */
        public abstract Builder image(Path value);

        /**
         * Sets the format.
         *
         * @param value default {@link VolumeFormat#RAW}; it must be the true one, QEMU does not guess, and the preflight looks. Never say
         *     {@link VolumeFormat#QCOW2} of an image that a guest has had as raw: the guest may have written the header
         * @return this builder
         */
        public abstract Builder format(VolumeFormat value);

        /**
         * Lets a qcow2 image name another file: a clone and its base ({@code qemu-img create -b}).
         *
         * @param value default false; true only for an image that you made so and that no guest has ever had as raw, for a guest writes
         *     what it likes into a raw image, a header that names a file of your host among it. QEMU's user must be able to read that
         *     file, which the preflight does not look at
         * @return this builder
         */
        public abstract Builder linked(boolean value);

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
         * Lets the image be created where it does not exist.
         *
         * @param value 1 to 16777216 MiB; where the image exists with another size, the preflight says so and what to do
         * @return this builder
         */
        public abstract Builder createMib(int value);

        /**
         * Sets the file system.
         *
         * @param value made in an image that is created; needed for a mountPoint
         * @return this builder
         */
        public abstract Builder fileSystem(FileSystem value);

        /**
         * Sets the label of the file system that is made.
         *
         * @param value at most {@link FileSystem#maxLabelBytes()} bytes, only with createMib and fileSystem
         * @return this builder
         */
        public abstract Builder label(String value);

        /**
         * Passes arguments to the program that makes the file system. Adds to what is there.
         *
         * @param values one argument each, not split, before the image; only with createMib and fileSystem
         * @return this builder
         */
        public abstract Builder addMkfsArguments(String... values);

        /**
         * Passes arguments to the program that makes the file system. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllMkfsArguments(Iterable<String> values);

        /**
         * Sets where the guest mounts it.
         *
         * @param value an absolute, normalised path in the guest, only with a fileSystem; not set: attached, not mounted
         * @return this builder
         */
        public abstract Builder mountPoint(String value);

        /**
         * Sets options of the guest's mount. Adds to what is there.
         *
         * @param values one option each, such as {@code noatime}; {@code ro} and {@code rw} follow readOnly
         * @return this builder
         */
        public abstract Builder addMountOptions(String... values);

        /**
         * Sets options of the guest's mount. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllMountOptions(Iterable<String> values);

        /**
         * Passes the host's page cache by.
         *
         * @param value default false; true saves the host's memory, and needs a file system with O_DIRECT (no tmpfs before Linux 6.6)
         * @return this builder
         */
        public abstract Builder direct(boolean value);

        /**
         * Gives back to the host what the guest trims.
         *
         * @param value default true; false keeps the space once taken
         * @return this builder
         */
        public abstract Builder discard(boolean value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract Volume build();
    }
}
