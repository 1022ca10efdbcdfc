/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.spec.NinePShare;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.StoreOverlay;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * A Nix store of the host, valid in the guest: shared read-only, made writable there by an overlay, with the database of valid paths
 * delivered into the guest's own, which {@code HostRoot} leaves empty. The host's store and database are only read.
 *
 * <p><b>The guest can read the whole store.</b> Paths that the host's garbage collector deletes while the guest runs are gone there too, though
 * the guest's database goes on calling them valid.
 */
@Value.Immutable
@NixStyle
public sealed interface NixStoreSharing extends SpecExtension permits ImmutableNixStoreSharing {
    /** The extension's name. */
    String KIND = "nix-store";

    /** {@return the store that is shared; default {@link NixStore#host()}} */
    @Value.Default
    default NixStore store() {
        return NixStore.host();
    }

    /** {@return the mount tag of the share, unique in the VM, 1 to 31 bytes; default {@code ro-store}} */
    @Value.Default
    default String tag() {
        return "ro-store";
    }

    /** {@return where the guest mounts the share, read-only; default {@code /nix/.ro-store}} */
    @Value.Default
    default String readOnlyMountPoint() {
        return "/nix/.ro-store";
    }

    /** {@return where the guest keeps what it adds, a tmpfs: gone with the VM; default {@code /nix/.rw-store}} */
    @Value.Default
    default String writableMountPoint() {
        return "/nix/.rw-store";
    }

    /** {@return where both appear as one writable store; default {@code /nix/store}, where Nix looks} */
    @Value.Default
    default String mountPoint() {
        return StorePath.STORE;
    }

    /** {@return when the guest's database is filled; default {@link DatabaseDelivery#AT_START}} */
    @Value.Default
    default DatabaseDelivery databaseDelivery() {
        return DatabaseDelivery.AT_START;
    }

    /**
     * {@return the program {@code nix-store} as the guest finds it; absent: the host's where the guest has the host's root, else the one on the
     * guest's {@code PATH}}
     */
    Optional<String> guestProgram();

    /** {@return the host's whole store with the defaults} */
    static NixStoreSharing wholeStore() {
        return builder().build();
    }

    /**
     * {@return a store with the defaults}
     *
     * @param store the host's own or a private one; its whole tree is shared
     */
    static NixStoreSharing of(NixStore store) {
        return builder().store(store).build();
    }

    /** {@return {@code nix-store}} */
    @Override
    default String kind() {
        return KIND;
    }

    /** {@return the coordinates of this module} */
    @Override
    default String providedBy() {
        return "dev.microvm:microvm-nix";
    }

    /** {@return the share it stands for: 9p, read-only, coherent with the host} */
    default NinePShare share() {
        return NinePShare.of(tag(), store().physicalStore())
                .mountedAt(readOnlyMountPoint())
                .asReadOnly();
    }

    /** {@return the overlay it stands for} */
    default StoreOverlay overlay() {
        return StoreOverlay.builder()
                .lower(readOnlyMountPoint())
                .upper(writableMountPoint())
                .mountPoint(mountPoint())
                .build();
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute of the share or the overlay, its value and the rule
     */
    @Value.Check
    default void check() {
        share().check();
        overlay().check();
        guestProgram().filter(String::isBlank).ifPresent(blank -> {
            throw new IllegalArgumentException("NixStoreSharing.guestProgram = \"" + blank + "\": must name a program");
        });
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableNixStoreSharing.builder();
    }

    /** Builds a {@link NixStoreSharing}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableNixStoreSharing.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(NixStoreSharing value);

        /**
         * Sets the store that is shared.
         *
         * @param value default {@link NixStore#host()}
         * @return this builder
         */
        public abstract Builder store(NixStore value);

        /**
         * Sets the mount tag of the share.
         *
         * @param value 1 to 31 bytes without blanks, unique in the VM; default {@code ro-store}
         * @return this builder
         */
        public abstract Builder tag(String value);

        /**
         * Sets where the guest mounts the share.
         *
         * @param value an absolute, normalised path in the guest; default {@code /nix/.ro-store}
         * @return this builder
         */
        public abstract Builder readOnlyMountPoint(String value);

        /**
         * Sets where the guest keeps what it adds.
         *
         * @param value an absolute, normalised path in the guest; default {@code /nix/.rw-store}, in the guest's memory
         * @return this builder
         */
        public abstract Builder writableMountPoint(String value);

        /**
         * Sets where both appear as one store.
         *
         * @param value an absolute, normalised path in the guest; default {@code /nix/store}, the only place where store
         *     paths work
         * @return this builder
         */
        public abstract Builder mountPoint(String value);

        /**
         * Sets when the guest's database is filled.
         *
         * @param value default {@link DatabaseDelivery#AT_START}
         * @return this builder
         */
        public abstract Builder databaseDelivery(DatabaseDelivery value);

        /**
         * Sets the program {@code nix-store} as the guest finds it.
         *
         * @param value a path in the guest, or a name on its {@code PATH}; not blank
         * @return this builder
         */
        public abstract Builder guestProgram(String value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if a rule is broken
         */
        public abstract NixStoreSharing build();
    }
}
