/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * Boots a given kernel and initrd: the guest is yours, and this library only gives it devices.
 */
@Value.Immutable
@SpecStyle
public sealed interface KernelBoot extends BootSource permits ImmutableKernelBoot {
    /** {@return the kernel image} */
    Path kernel();

    /** {@return the initrd or initramfs} */
    Optional<Path> initrd();

    /** {@return kernel parameters, after those this library sets} */
    List<String> parameters();

    /** {@return whether the guest runs this library's control loop, so that a start waits for it; default false} */
    @Value.Default
    default boolean agent() {
        return false;
    }

    /**
     * {@return whether the guest mounts the shares, volumes, overlays and persistent paths itself, from what {@code GuestMounts} writes
     * for it; default false}
     */
    @Value.Default
    default boolean mountsItself() {
        return false;
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.hostPath("KernelBoot.kernel", kernel());
        initrd().ifPresent(path -> Attribute.hostPath("KernelBoot.initrd", path));
        parameters().forEach(text -> Attribute.noControlCharacters("KernelBoot.parameters", text));
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableKernelBoot.builder();
    }

    /** Builds a {@link KernelBoot}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableKernelBoot.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(KernelBoot value);

        /**
         * Sets the kernel image; required.
         *
         * @param value a bzImage or an ELF with a PVH note (x86_64), an Image (aarch64): what QEMU's {@code -kernel} boots
         * @return this builder
         */
        public abstract Builder kernel(Path value);

        /**
         * Sets the initrd.
         *
         * @param value any form that kernel unpacks; not set: none, the kernel must find its root by {@code root=}
         * @return this builder
         */
        public abstract Builder initrd(Path value);

        /**
         * Adds kernel parameters. Adds to what is there.
         *
         * @param values words of the kernel's command line; before {@link VmSpec#kernelParameters()}
         * @return this builder
         */
        public abstract Builder addParameters(String... values);

        /**
         * Adds kernel parameters. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllParameters(Iterable<String> values);

        /**
         * Says that the guest runs the control loop.
         *
         * @param value default false; if true and the guest never answers, the start fails when its {@code agentLimit} is
         *     over
         * @return this builder
         */
        public abstract Builder agent(boolean value);

        /**
         * Says that the guest mounts everything itself.
         *
         * @param value default false: the control loop is asked to mount, and a mount point in a guest without one is a problem
         * @return this builder
         */
        public abstract Builder mountsItself(boolean value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract KernelBoot build();
    }
}
