/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * The rarer options of the virtiofsd behind a {@link VirtiofsShare}. An option that the daemon found lacks is a problem of the preflight
 * that names the version which has it; what needs none stands in every version since 1.0.
 */
@Value.Immutable
@SpecStyle
public sealed interface VirtiofsdOptions permits ImmutableVirtiofsdOptions {
    /** {@return how it remembers files; absent: {@link InodeFileHandles#PREFER} where it can work, else {@link InodeFileHandles#NEVER}} */
    Optional<InodeFileHandles> inodeFileHandles();

    /** {@return how many threads answer requests of one queue; default 0: one after another, in the queue's own thread} */
    @Value.Default
    default int threadPoolSize() {
        return 0;
    }

    /** {@return whether the guest sees that folders are mount points on the host, and so tells equal inode numbers apart; default true} */
    @Value.Default
    default boolean announceSubmounts() {
        return true;
    }

    /** {@return what happens to it on a system call it should not make; default {@link SeccompAction#KILL}} */
    @Value.Default
    default SeccompAction seccomp() {
        return SeccompAction.KILL;
    }

    /** {@return the group that may connect to the socket; absent: nobody but its user} */
    Optional<String> socketGroup();

    /** {@return how many descriptors it may have; absent: 1000000, or as many as the kernel lets it have} */
    Optional<Integer> rlimitNofile();

    /** {@return whether files can be mapped shared with {@link CachePolicy#NEVER} and {@link CachePolicy#METADATA}; default false} */
    @Value.Default
    default boolean allowMmap() {
        return false;
    }

    /**
     * {@return whether the guest keeps written data for a while; default false} It gives it up when a file is synced or closed. virtiofsd 1.13.2
     * opens what a program creates for writing alone without the right to read, and writes to it can then fail with EIO (seen with a kernel
     * 6.1): for programs that create logs and keep them open this option is not safe.
     */
    @Value.Default
    default boolean writeback() {
        return false;
    }

    /** {@return whether {@code O_DIRECT} of the guest's programs is passed on; default false} */
    @Value.Default
    default boolean directIo() {
        return false;
    }

    /** {@return whether {@code O_NOATIME} is passed on, which fails for files of others; default false} */
    @Value.Default
    default boolean preserveNoatime() {
        return false;
    }

    /** {@return whether the host clears setuid bits on a write in place of the guest; default false} */
    @Value.Default
    default boolean killprivV2() {
        return false;
    }

    /** {@return whether files get the SELinux label the guest gives them when they are made; default false} */
    @Value.Default
    default boolean securityLabel() {
        return false;
    }

    /** {@return rules by which names of extended attributes are changed; absent: none} */
    Optional<String> xattrMap();

    /** {@return capabilities it keeps beyond those it needs} */
    List<String> addedCapabilities();

    /**
     * {@return capabilities it drops though it needs them for something} For a writable share of a root caller {@code mknod} is among them,
     * unless it is in one of the two lists: a guest's device nodes would be real ones of the host.
     */
    List<String> droppedCapabilities();

    /** {@return how much it writes to its standard error; default {@link VirtiofsdLogLevel#INFO}} */
    @Value.Default
    default VirtiofsdLogLevel logLevel() {
        return VirtiofsdLogLevel.INFO;
    }

    /** {@return how it hands over what the guest has open when the VM is migrated} */
    @Value.Default
    default VirtiofsMigration migration() {
        return VirtiofsMigration.DEFAULTS;
    }

    /** {@return how many requests fit into the queue of QEMU's device; default 1024} */
    @Value.Default
    default int queueSize() {
        return 1024;
    }

    /** {@return further arguments, passed as they are} */
    List<String> extraArguments();

    /** Nothing but defaults. */
    VirtiofsdOptions DEFAULTS = builder().build();

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        VirtiofsdOptionRules.check(this);
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableVirtiofsdOptions.builder();
    }

    /** Builds {@link VirtiofsdOptions}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableVirtiofsdOptions.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(VirtiofsdOptions value);

        /**
         * Sets how it remembers files.
         *
         * @param value not set: {@link InodeFileHandles#PREFER} for root with the right to, else {@link InodeFileHandles#NEVER}
         * @return this builder
         */
        public abstract Builder inodeFileHandles(InodeFileHandles value);

        /**
         * Sets how many threads answer requests.
         *
         * @param value 0 to 1024, default 0: one after another, in the queue's own thread
         * @return this builder
         */
        public abstract Builder threadPoolSize(int value);

        /**
         * Sets whether the guest sees which folders are mount points on the host.
         *
         * @param value default true; false needs virtiofsd 1.6
         * @return this builder
         */
        public abstract Builder announceSubmounts(boolean value);

        /**
         * Sets what happens to it on a system call it should not make.
         *
         * @param value default {@link SeccompAction#KILL}
         * @return this builder
         */
        public abstract Builder seccomp(SeccompAction value);

        /**
         * Lets a group connect to the socket.
         *
         * @param value a group of the host that the caller is in, by name
         * @return this builder
         */
        public abstract Builder socketGroup(String value);

        /**
         * Sets how many descriptors it may have.
         *
         * @param value 609 plus its threads (one at least) or more, below which it does not start; 0 leaves the caller's limit
         * @return this builder
         */
        public abstract Builder rlimitNofile(int value);

        /**
         * Lets the guest map files shared with {@link CachePolicy#NEVER} or {@link CachePolicy#METADATA}.
         *
         * @param value default false; true needs virtiofsd 1.11, and that nobody else changes the folder
         * @return this builder
         */
        public abstract Builder allowMmap(boolean value);

        /**
         * Lets the guest keep written data for a while.
         *
         * @param value default false; true only where nobody else changes the folder
         * @return this builder
         */
        public abstract Builder writeback(boolean value);

        /**
         * Passes {@code O_DIRECT} of the guest's programs on.
         *
         * @param value default false
         * @return this builder
         */
        public abstract Builder directIo(boolean value);

        /**
         * Passes {@code O_NOATIME} on.
         *
         * @param value default false; true needs virtiofsd 1.7
         * @return this builder
         */
        public abstract Builder preserveNoatime(boolean value);

        /**
         * Lets the host clear setuid bits on a write.
         *
         * @param value default false; NFS needs false
         * @return this builder
         */
        public abstract Builder killprivV2(boolean value);

        /**
         * Gives files the SELinux label that the guest gives them when they are made.
         *
         * @param value default false; true needs virtiofsd 1.4 and implies {@link VirtiofsShare#xattr}
         * @return this builder
         */
        public abstract Builder securityLabel(boolean value);

        /**
         * Changes names of extended attributes.
         *
         * @param value virtiofsd's {@code --xattrmap}, such as {@code :map::user.virtiofs.:}; implies {@link VirtiofsShare#xattr}
         * @return this builder
         */
        public abstract Builder xattrMap(String value);

        /**
         * Lets it keep capabilities.
         *
         * @param values names in lower case without {@code cap_}, such as {@code sys_admin}; added to what is there
         * @return this builder
         */
        public abstract Builder addAllAddedCapabilities(Iterable<String> values);

        /**
         * Lets it drop capabilities.
         *
         * @param values names in lower case without {@code cap_}, such as {@code chown}; added to what is there
         * @return this builder
         */
        public abstract Builder addAllDroppedCapabilities(Iterable<String> values);

        /**
         * Sets how much it writes to its standard error.
         *
         * @param value default {@link VirtiofsdLogLevel#INFO}
         * @return this builder
         */
        public abstract Builder logLevel(VirtiofsdLogLevel value);

        /**
         * Sets how it hands over what the guest has open.
         *
         * @param value default {@link VirtiofsMigration#DEFAULTS}
         * @return this builder
         */
        public abstract Builder migration(VirtiofsMigration value);

        /**
         * Sets how many requests fit into the queue of QEMU's device.
         *
         * @param value a power of two, 1 to 1024 (QEMU, {@code vhost-user-fs}); QEMU's own 128 stalls a guest with many requests under way
         * @return this builder
         */
        public abstract Builder queueSize(int value);

        /**
         * Passes further arguments as they are.
         *
         * @param values one argument each, after this library's and not split; added to what is there; the preflight refuses those that contradict them
         * @return this builder
         */
        public abstract Builder addExtraArguments(String... values);

        /**
         * Passes further arguments as they are.
         *
         * @param values one argument each, after this library's and not split; added to what is there; the preflight refuses those that contradict them
         * @return this builder
         */
        public abstract Builder addAllExtraArguments(Iterable<String> values);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if a rule is broken
         */
        public abstract VirtiofsdOptions build();
    }
}
