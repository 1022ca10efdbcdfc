/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
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

    /** {@return whether the guest may read and write extended attributes; default false} */
    @Value.Default
    default boolean xattr() {
        return false;
    }

    /** {@return whether the guest may use POSIX access control lists, which implies {@link #xattr}; default false} */
    @Value.Default
    default boolean posixAcl() {
        return false;
    }

    /** {@return what becomes of a running VM when virtiofsd dies; default {@link DaemonDeath#FAIL_VM}} */
    @Value.Default
    default DaemonDeath onDeath() {
        return DaemonDeath.FAIL_VM;
    }

    /** {@return virtiofsd's rarer options; default {@link VirtiofsdOptions#DEFAULTS}} */
    @Value.Default
    default VirtiofsdOptions daemon() {
        return VirtiofsdOptions.DEFAULTS;
    }

    /** Length of {@code tag} in the device's configuration space (virtio 1.2, 5.11.4). */
    int MAX_TAG_BYTES = 36;

    /**
     * {@return a writable share with the defaults, not mounted by itself}
     *
     * @param tag 1 to 36 bytes without blanks; unique in the VM
     * @param source a literal path: no shell reads it, so {@code ~} is refused; a relative one is taken from the JVM's working
     *     directory
     */
    static VirtiofsShare of(String tag, Path source) {
        return builder().tag(tag).source(source).build();
    }

    /**
     * {@return this share, mounted in the guest at an absolute path}
     *
     * @param mountPoint an absolute, normalised path in the guest; made by the init where it is missing
     */
    default VirtiofsShare mountedAt(String mountPoint) {
        return builder().from(this).mountPoint(mountPoint).build();
    }

    /** {@return this share, read-only} */
    default VirtiofsShare asReadOnly() {
        return builder().from(this).readOnly(true).build();
    }

    /**
     * {@return this share with the caller's files shown as owned by a user and group of the guest with this id}
     *
     * @param guestId 0 to 2147483647, such as 1000 for the first ordinary user of most guests
     */
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

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(VirtiofsShare value);

        /**
         * Sets the mount tag, 1 to 36 bytes; required.
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
         * Makes virtiofsd refuse every write.
         *
         * @param value default false; true needs virtiofsd 1.13.0 and also mounts it read-only in the guest
         * @return this builder
         */
        public abstract Builder readOnly(boolean value);

        /**
         * Sets the cache policy.
         *
         * @param value default {@link CachePolicy#AUTO}: the guest sees what others change on the host after a second at most
         * @return this builder
         */
        public abstract Builder cache(CachePolicy value);

        /**
         * Sets how virtiofsd shuts itself in.
         *
         * @param value default {@link Sandbox#AUTO}
         * @return this builder
         */
        public abstract Builder sandbox(Sandbox value);

        /**
         * Sets who owns what.
         *
         * @param value default {@link IdMap#CALLER}
         * @return this builder
         */
        public abstract Builder idMap(IdMap value);

        /**
         * Lets the guest use extended attributes.
         *
         * @param value default false; true only helps where the host's file system has them
         * @return this builder
         */
        public abstract Builder xattr(boolean value);

        /**
         * Lets the guest use POSIX access control lists.
         *
         * @param value default false; true needs virtiofsd 1.2, implies {@link #xattr}, and cannot be had with an {@link IdMap} that virtiofsd
         *     translates by, such as the default one
         * @return this builder
         */
        public abstract Builder posixAcl(boolean value);

        /**
         * Sets what becomes of a running VM when virtiofsd dies.
         *
         * @param value default {@link DaemonDeath#FAIL_VM}
         * @return this builder
         */
        public abstract Builder onDeath(DaemonDeath value);

        /**
         * Sets virtiofsd's rarer options.
         *
         * @param value default {@link VirtiofsdOptions#DEFAULTS}
         * @return this builder
         */
        public abstract Builder daemon(VirtiofsdOptions value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract VirtiofsShare build();
    }
}
