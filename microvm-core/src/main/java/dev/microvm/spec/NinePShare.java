/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.immutables.value.Value;

/**
 * A folder of the host shared by 9p, QEMU's own file server: no daemon, works as any user, reads files as QEMU's user.
 *
 * (QEMU manual, {@code -fsdev local}; Linux, Documentation/filesystems/9p.rst.)
 */
@Value.Immutable
@SpecStyle
public sealed interface NinePShare extends Share permits ImmutableNinePShare {
    /** {@return the mount tag, 1 to 31 bytes} */
    @Override
    String tag();

    /** {@return the folder on the host; a relative path is taken from the JVM's working directory} */
    @Override
    Path source();

    /** {@return where the guest mounts it; absent: offered, not mounted} */
    @Override
    Optional<String> mountPoint();

    /** {@return whether QEMU refuses every write and the guest mounts read-only; default false} */
    @Override
    @Value.Default
    default boolean readOnly() {
        return false;
    }

    /** {@return how owners and modes are kept; default {@link SecurityModel#NONE}} */
    @Value.Default
    default SecurityModel securityModel() {
        return SecurityModel.NONE;
    }

    /** {@return the guest's cache mode; default {@link NinePCache#NONE}} */
    @Value.Default
    default NinePCache cache() {
        return NinePCache.NONE;
    }

    /**
     * {@return the largest message in bytes, 4096 to 512000 (the most that virtio carries); default 131072}
     *
     * <p>Larger ones make large files faster and small files slower, for each read is prepared for as much as it asks for.
     */
    @Value.Default
    default int msize() {
        return DEFAULT_MSIZE;
    }

    /** {@return what is done where the tree spans several file systems of the host; default {@link MultiDevs#REMAP}} */
    @Value.Default
    default MultiDevs multidevs() {
        return MultiDevs.REMAP;
    }

    /**
     * {@return the mode that new files get on the host, 0 to 0777; absent: 0600; only with the two mapped security models, which keep the
     * guest's modes elsewhere}
     */
    OptionalInt fmode();

    /**
     * {@return the mode that new folders get on the host, 0 to 0777; absent: 0700; only with the two mapped security models, which keep the
     * guest's modes elsewhere}
     */
    OptionalInt dmode();

    /** In bytes; between the 512000 that are fastest for large files and the 65536 that are for small ones. */
    int DEFAULT_MSIZE = 131_072;

    /** The kernel's 9p client and QEMU take 32 bytes with the closing NUL. */
    int MAX_TAG_BYTES = 31;

    /**
     * {@return a writable share with the defaults, not mounted by itself}
     *
     * @param tag 1 to 31 bytes without blanks; unique in the VM
     * @param source a literal path: no shell reads it, so {@code ~} is refused; a relative one is taken from the JVM's working
     *     directory
     */
    static NinePShare of(String tag, Path source) {
        return builder().tag(tag).source(source).build();
    }

    /**
     * {@return this share, mounted in the guest at an absolute path}
     *
     * @param mountPoint an absolute, normalised path in the guest; made by the init where it is missing
     */
    default NinePShare mountedAt(String mountPoint) {
        return builder().from(this).mountPoint(mountPoint).build();
    }

    /** {@return this share, read-only} */
    default NinePShare asReadOnly() {
        return builder().from(this).readOnly(true).build();
    }

    /**
     * {@return the options with which a guest mounts it, for {@code mount -t 9p -o}: {@code rw,trans=virtio,...}; see the kernel's
     * Documentation/filesystems/9p.rst}
     *
     * <p>Read-only ones have {@code access=any}: one attach instead of one for each user. Nothing is created, so no owner can be wrong, modes are
     * checked in the guest, and listing is faster.
     */
    default String mountOptions() {
        return (readOnly() ? "ro" : "rw") + ",trans=virtio,version=9p2000.L,msize=" + msize() + ",cache="
                + cache().mountOption() + (readOnly() ? ",access=any" : "");
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.tag("NinePShare.tag", tag(), MAX_TAG_BYTES, "9p mount tags end at 31");
        Attribute.hostPath("NinePShare.source", source());
        mountPoint().ifPresent(path -> Attribute.guestPath("NinePShare.mountPoint", path));
        Attribute.range("NinePShare.msize", msize(), 4096, 512_000);
        hostMode("NinePShare.fmode", fmode());
        hostMode("NinePShare.dmode", dmode());
    }

    private void hostMode(String attribute, OptionalInt mode) {
        if (mode.isEmpty()) {
            return;
        }
        String octal = String.format("0%o", mode.getAsInt());
        if (mode.getAsInt() < 0 || mode.getAsInt() > 0777) {
            throw Attribute.bad(
                    attribute, octal, "must be 0 to 0777 (octal); the guest's other bits are kept elsewhere");
        }
        if (!securityModel().isMapped()) {
            throw Attribute.bad(
                    attribute,
                    octal,
                    "is for SecurityModel.MAPPED_XATTR and MAPPED_FILE; with " + securityModel()
                            + " files get the modes that the guest gives them");
        }
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableNinePShare.builder();
    }

    /** Builds a {@link NinePShare}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableNinePShare.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(NinePShare value);

        /**
         * Sets the mount tag, 1 to 31 bytes; required.
         *
         * @param value without blanks, which mount(8) and fstab split on; unique in the VM
         * @return this builder
         */
        public abstract Builder tag(String value);

        /**
         * Sets the folder on the host; required.
         *
         * @param value a literal path: no shell reads it, so {@code ~} is refused; a relative one is taken from the JVM's
         *     working directory
         * @return this builder
         */
        public abstract Builder source(Path value);

        /**
         * Sets where the guest mounts it.
         *
         * @param value an absolute, normalised path in the guest; not set: offered, not mounted
         * @return this builder
         */
        public abstract Builder mountPoint(String value);

        /**
         * Makes QEMU refuse every write.
         *
         * @param value default false; true also mounts it read-only in the guest
         * @return this builder
         */
        public abstract Builder readOnly(boolean value);

        /**
         * Sets how owners and modes are kept.
         *
         * @param value default {@link SecurityModel#NONE}; {@link SecurityModel#PASSTHROUGH} needs a QEMU that is root
         * @return this builder
         */
        public abstract Builder securityModel(SecurityModel value);

        /**
         * Sets the guest's cache mode.
         *
         * @param value default {@link NinePCache#NONE}, the only one that sees what others change on the host at once
         * @return this builder
         */
        public abstract Builder cache(NinePCache value);

        /**
         * Sets the largest message in bytes.
         *
         * @param value 4096 to 512000 bytes; default {@value #DEFAULT_MSIZE}; virtio carries 512000 at most
         * @return this builder
         */
        public abstract Builder msize(int value);

        /**
         * Sets what is done where the tree spans several file systems of the host.
         *
         * @param value default {@link MultiDevs#REMAP}
         * @return this builder
         */
        public abstract Builder multidevs(MultiDevs value);

        /**
         * Sets the mode that new files get on the host.
         *
         * @param value 0 to 0777, in Java an octal literal such as {@code 0644}; not set: 0600; only with
         *     {@link SecurityModel#MAPPED_XATTR} and {@link SecurityModel#MAPPED_FILE}
         * @return this builder
         */
        public abstract Builder fmode(int value);

        /**
         * Sets the mode that new folders get on the host.
         *
         * @param value 0 to 0777, in Java an octal literal such as {@code 0755}; not set: 0700; only with
         *     {@link SecurityModel#MAPPED_XATTR} and {@link SecurityModel#MAPPED_FILE}
         * @return this builder
         */
        public abstract Builder dmode(int value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract NinePShare build();
    }
}
