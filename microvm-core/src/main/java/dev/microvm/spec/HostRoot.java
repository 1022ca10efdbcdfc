/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * Boots a kernel of the host with an initramfs made by this library, and gives the guest the host's own root: read-only by 9p,
 * under a tmpfs overlay, so that it has all the host's programs, needs no disk image and changes nothing.
 *
 * <p><b>A guest on the host's root reads everything its QEMU can read.</b> Run QEMU as an unprivileged user (the default for root callers).
 */
@Value.Immutable
@SpecStyle
public sealed interface HostRoot extends BootSource permits ImmutableHostRoot {
    /** {@return the kernel image; absent: the newest kernel of the host that has the modules needed} */
    Optional<Path> kernel();

    /** {@return the kernel's module folder, {@code lib/modules/VERSION}; absent: found beside the kernel} */
    Optional<Path> modules();

    /** {@return the folder that becomes the guest's root; default {@code /}} */
    @Value.Default
    default Path root() {
        return Path.of("/");
    }

    /** {@return folders that the guest finds empty and writable instead of the host's; {@code /nix/var} and {@code /root} always are} */
    List<String> emptyFolders();

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        kernel().ifPresent(path -> Attribute.hostPath("HostRoot.kernel", path));
        modules().ifPresent(path -> Attribute.hostPath("HostRoot.modules", path));
        Attribute.hostPath("HostRoot.root", root());
        emptyFolders().forEach(path -> Attribute.guestPath("HostRoot.emptyFolders", path));
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableHostRoot.builder();
    }

    /** Builds a {@link HostRoot}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableHostRoot.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(HostRoot value);

        /**
         * Sets the kernel image instead of the newest that fits.
         *
         * @param value a literal path: no shell reads it, so {@code ~} is refused; a relative one is taken from the JVM's
         *     working directory
         * @return this builder
         */
        public abstract Builder kernel(Path value);

        /**
         * Sets the kernel's module folder.
         *
         * @param value the folder {@code lib/modules/VERSION} of exactly that kernel; not set: looked for beside it
         * @return this builder
         */
        public abstract Builder modules(Path value);

        /**
         * Sets the folder that becomes the guest's root.
         *
         * @param value a folder of the host; default {@code /}
         * @return this builder
         */
        public abstract Builder root(Path value);

        /**
         * Gives the guest empty, writable folders instead of the host's. Adds to what is there.
         *
         * @param values an absolute, normalised path in the guest each; {@code /nix/var} and {@code /root} need not be named
         * @return this builder
         */
        public abstract Builder addEmptyFolders(String... values);

        /**
         * Gives the guest empty, writable folders instead of the host's. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllEmptyFolders(Iterable<String> values);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract HostRoot build();
    }
}
