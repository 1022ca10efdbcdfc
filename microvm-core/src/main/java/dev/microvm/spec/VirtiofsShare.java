/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * A folder of the host shared by virtiofs: several times faster than 9p on metadata and small files. Needs the module
 * {@code microvm-virtiofs}, which finds, starts and supervises one virtiofsd for each share.
 */
@Value.Immutable
@SpecStyle
public sealed interface VirtiofsShare extends Share permits ImmutableVirtiofsShare {
    /** {@return the mount tag, 1 to 36 bytes} */
    @Override
    String tag();

    /** {@return the folder on the host} */
    @Override
    Path source();

    /** {@return where the guest mounts it; absent: offered, not mounted} */
    @Override
    Optional<String> mountPoint();

    /** {@return whether virtiofsd refuses every write (1.13.0 and later) and the guest mounts read-only; default false} */
    @Override
    @Value.Default
    default boolean readOnly() {
        return false;
    }

    /** {@return virtiofsd's cache policy; default {@link CachePolicy#AUTO}} */
    @Value.Default
    default CachePolicy cache() {
        return CachePolicy.AUTO;
    }

    /** {@return how virtiofsd shuts itself in; default {@link Sandbox#AUTO}} */
    @Value.Default
    default Sandbox sandbox() {
        return Sandbox.AUTO;
    }

    /** {@return who owns what; default {@link IdMap#CALLER}} */
    @Value.Default
    default IdMap idMap() {
        return IdMap.CALLER;
    }

    /** {@return further arguments for virtiofsd, passed as they are} */
    List<String> extraArguments();

    /** Length of {@code tag} in the device's configuration space (virtio 1.2, 5.11.4). */
    int MAX_TAG_BYTES = 36;

    /** {@return a writable share with the defaults, not mounted by itself} */
    static VirtiofsShare of(String tag, Path source) {
        return builder().tag(tag).source(source).build();
    }

    /** {@return this share, mounted in the guest at an absolute path} */
    default VirtiofsShare mountedAt(String mountPoint) {
        return builder().from(this).mountPoint(mountPoint).build();
    }

    /** {@return this share, read-only} */
    default VirtiofsShare asReadOnly() {
        return builder().from(this).readOnly(true).build();
    }

    /** {@return this share with the caller's files shown as owned by a user and group of the guest with this id} */
    default VirtiofsShare mappingUser(int guestId) {
        return builder().from(this).idMap(IdMap.callerAs(guestId)).build();
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.tag("VirtiofsShare.tag", tag(), MAX_TAG_BYTES, "virtiofs tags end at 36");
        Attribute.hostPath("VirtiofsShare.source", source());
        mountPoint().ifPresent(path -> Attribute.guestPath("VirtiofsShare.mountPoint", path));
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableVirtiofsShare.builder();
    }

    /** Builds a {@link VirtiofsShare}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableVirtiofsShare.Builder {
        Builder() {}

        /** Copies all attributes of a value; lists are added to. */
        public abstract Builder from(VirtiofsShare value);

        /** Sets the mount tag, 1 to 36 bytes; required. */
        public abstract Builder tag(String value);

        /** Sets the folder on the host; required. */
        public abstract Builder source(Path value);

        /** Sets where the guest mounts it. */
        public abstract Builder mountPoint(String value);

        /** Makes virtiofsd refuse every write. */
        public abstract Builder readOnly(boolean value);

        /** Sets the cache policy. */
        public abstract Builder cache(CachePolicy value);

        /** Sets how virtiofsd shuts itself in. */
        public abstract Builder sandbox(Sandbox value);

        /** Sets who owns what. */
        public abstract Builder idMap(IdMap value);

        /** Passes further arguments to virtiofsd as they are. Adds to what is there. */
        public abstract Builder addExtraArguments(String... values);

        /** Passes further arguments to virtiofsd as they are. Adds to what is there. */
        public abstract Builder addAllExtraArguments(Iterable<String> values);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract VirtiofsShare build();
    }
}
