/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.Optional;
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

    /** {@return the largest message in bytes, 4096 to 512000 (the most that virtio carries); default 512000} */
    @Value.Default
    default int msize() {
        return 512_000;
    }

    /** The kernel's 9p client and QEMU take 32 bytes with the closing NUL. */
    int MAX_TAG_BYTES = 31;

    /** {@return a writable share with the defaults, not mounted by itself} */
    static NinePShare of(String tag, Path source) {
        return builder().tag(tag).source(source).build();
    }

    /** {@return this share, mounted in the guest at an absolute path} */
    default NinePShare mountedAt(String mountPoint) {
        return builder().from(this).mountPoint(mountPoint).build();
    }

    /** {@return this share, read-only} */
    default NinePShare asReadOnly() {
        return builder().from(this).readOnly(true).build();
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
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableNinePShare.builder();
    }

    /** Builds a {@link NinePShare}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableNinePShare.Builder {
        Builder() {}

        /** Copies all attributes of a value; lists are added to. */
        public abstract Builder from(NinePShare value);

        /** Sets the mount tag, 1 to 31 bytes; required. */
        public abstract Builder tag(String value);

        /** Sets the folder on the host; required. */
        public abstract Builder source(Path value);

        /** Sets where the guest mounts it. */
        public abstract Builder mountPoint(String value);

        /** Makes QEMU refuse every write. */
        public abstract Builder readOnly(boolean value);

        /** Sets how owners and modes are kept. */
        public abstract Builder securityModel(SecurityModel value);

        /** Sets the guest's cache mode. */
        public abstract Builder cache(NinePCache value);

        /** Sets the largest message in bytes. */
        public abstract Builder msize(int value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract NinePShare build();
    }
}
