/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import org.immutables.value.Value;

/**
 * How virtiofsd hands over what the guest has open when a VM is migrated or saved (virtiofsd 1.11 and later, QEMU 8.2 and later; older
 * QEMUs refuse to migrate a VM with a virtiofs share). Files themselves are never handed over: both sides must share the same folder.
 */
@Value.Immutable
@SpecStyle
public sealed interface VirtiofsMigration permits ImmutableVirtiofsMigration {
    /** {@return how files are named to the other side; default {@link Mode#FIND_PATHS}} */
    @Value.Default
    default Mode mode() {
        return Mode.FIND_PATHS;
    }

    /** {@return what becomes of a file that cannot be handed over; default {@link OnError#ABORT}} */
    @Value.Default
    default OnError onError() {
        return OnError.ABORT;
    }

    /** {@return whether the other side compares handles to be sure of the same file; with {@link Mode#FIND_PATHS} only; default false} */
    @Value.Default
    default boolean verifyHandles() {
        return false;
    }

    /** {@return whether every path is looked at again before the switch; with {@link Mode#FIND_PATHS} only; default false} */
    @Value.Default
    default boolean confirmPaths() {
        return false;
    }

    /** virtiofsd's defaults. */
    VirtiofsMigration DEFAULTS = builder().build();

    /** How files are named to the other side ({@code --migration-mode}). */
    enum Mode {
        /** By their paths. */
        FIND_PATHS,
        /** By handles: the same file system on both sides, and root there. virtiofsd 1.12 and later. */
        FILE_HANDLES
    }

    /** What becomes of a file that cannot be handed over ({@code --migration-on-error}). */
    enum OnError {
        /** The migration fails, the VM runs on where it is. */
        ABORT,
        /** The migration goes on, and the guest gets errors for that file. */
        GUEST_ERROR
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        if (mode() == Mode.FILE_HANDLES && (verifyHandles() || confirmPaths())) {
            throw Attribute.bad(
                    "VirtiofsMigration.mode",
                    mode(),
                    "verifyHandles and confirmPaths have a meaning for FIND_PATHS only");
        }
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableVirtiofsMigration.builder();
    }

    /** Builds a {@link VirtiofsMigration}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableVirtiofsMigration.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value.
         *
         * @param value all its attributes replace those here
         * @return this builder
         */
        public abstract Builder from(VirtiofsMigration value);

        /**
         * Sets how files are named to the other side.
         *
         * @param value default {@link Mode#FIND_PATHS}
         * @return this builder
         */
        public abstract Builder mode(Mode value);

        /**
         * Sets what becomes of a file that cannot be handed over.
         *
         * @param value default {@link OnError#ABORT}; decided by the side that receives
         * @return this builder
         */
        public abstract Builder onError(OnError value);

        /**
         * Sets whether the other side compares handles.
         *
         * @param value default false; for {@link Mode#FIND_PATHS} only, on the same file system
         * @return this builder
         */
        public abstract Builder verifyHandles(boolean value);

        /**
         * Sets whether every path is looked at again before the switch.
         *
         * @param value default false; for {@link Mode#FIND_PATHS} only; makes the pause longer
         * @return this builder
         */
        public abstract Builder confirmPaths(boolean value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if a rule is broken
         */
        public abstract VirtiofsMigration build();
    }
}
