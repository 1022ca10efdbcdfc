/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * A folder of the host shared by virtiofs where that works on the host, else by 9p. What it becomes is decided before anything is started,
 * so that a dry run shows it, and told with its reason ({@code Preflight.choices()}, {@code MicroVm.choices()}, {@code VmListener.note}).
 *
 * <p>It is virtiofs where the module {@code microvm-virtiofs} is there, a virtiofsd is found that can do what {@link #toVirtiofs()} needs,
 * and the kernel has the file system. A {@link VirtiofsShare} or {@link NinePShare} never becomes the other kind: it fails instead.
 */
@Value.Immutable
@SpecStyle
public sealed interface AutoShare extends Share permits ImmutableAutoShare {
    /** {@return the mount tag, 1 to 31 bytes: what both kinds take} */
    @Override
    String tag();

    /** {@return the folder on the host} */
    @Override
    Path source();

    /** {@return where the guest mounts it; absent: offered, not mounted} */
    @Override
    Optional<String> mountPoint();

    /** {@return whether the host refuses every write and the guest mounts read-only; default false} */
    @Override
    @Value.Default
    default boolean readOnly() {
        return false;
    }

    /**
     * {@return the user and group of the guest that own the caller's files, 0 to 2147483647; default 0; by 9p, which cannot translate ids,
     * without effect}
     */
    @Value.Default
    default int guestId() {
        return 0;
    }

    /**
     * {@return this share, mounted in the guest at an absolute path}
     *
     * @param mountPoint an absolute, normalised path in the guest; made by the init where it is missing
     */
    default AutoShare mountedAt(String mountPoint) {
        return builder().from(this).mountPoint(mountPoint).build();
    }

    /** {@return this share, read-only} */
    default AutoShare asReadOnly() {
        return builder().from(this).readOnly(true).build();
    }

    /**
     * {@return this share with the caller's files shown as owned by a user and group of the guest with this id, where it is virtiofs}
     *
     * @param guestId 0 to 2147483647, such as 1000 for the first ordinary user of most guests
     */
    default AutoShare mappingUser(int guestId) {
        return builder().from(this).guestId(guestId).build();
    }

    /** {@return the share it is where virtiofs works: with the defaults of {@link VirtiofsShare} and the ids translated} */
    default VirtiofsShare toVirtiofs() {
        VirtiofsShare.Builder share = VirtiofsShare.builder()
                .tag(tag())
                .source(source())
                .readOnly(readOnly())
                .idMap(IdMap.callerAs(guestId()));
        mountPoint().ifPresent(share::mountPoint);
        return share.build();
    }

    /**
     * {@return the share it is where virtiofs does not work: with the defaults of {@link NinePShare} and the security model that keeps most}
     * A QEMU that is root keeps owners and modes as the guest says ({@link SecurityModel#PASSTHROUGH}); another one cannot, and with
     * {@link SecurityModel#NONE} the files are ordinary ones on the host too, which those of the mapped models are not.
     *
     * @param qemuIsRoot whether QEMU, which serves it, runs as root
     */
    default NinePShare toNineP(boolean qemuIsRoot) {
        NinePShare.Builder share = NinePShare.builder()
                .tag(tag())
                .source(source())
                .readOnly(readOnly())
                .securityModel(qemuIsRoot && !readOnly() ? SecurityModel.PASSTHROUGH : SecurityModel.NONE);
        mountPoint().ifPresent(share::mountPoint);
        return share.build();
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.tag(
                "AutoShare.tag", tag(), NinePShare.MAX_TAG_BYTES, "it may become a 9p share, whose tag ends at 31");
        Attribute.hostPath("AutoShare.source", source());
        mountPoint().ifPresent(path -> Attribute.guestPath("AutoShare.mountPoint", path));
        Attribute.range("AutoShare.guestId", guestId(), 0, Integer.MAX_VALUE);
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableAutoShare.builder();
    }

    /** Builds an {@link AutoShare}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableAutoShare.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(AutoShare value);

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
         * Makes the host refuse every write.
         *
         * @param value default false; true also mounts it read-only in the guest
         * @return this builder
         */
        public abstract Builder readOnly(boolean value);

        /**
         * Sets the user and group of the guest that own the caller's files.
         *
         * @param value 0 to 2147483647; default 0; without effect where the share becomes 9p
         * @return this builder
         */
        public abstract Builder guestId(int value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract AutoShare build();
    }
}
