/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spi;

import dev.microvm.qmp.JsonValue;
import dev.microvm.spec.Share;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.VmSpec;

/**
 * Adds behaviour to parts of a spec. Providers are found with {@link java.util.ServiceLoader} by the class loader of this library
 * (never the thread's), or registered on a {@code VmHost}. They have no state.
 */
public interface HostServiceProvider {
    /** {@return whether this provider serves a share; default false} */
    default boolean serves(Share share) {
        return false;
    }

    /** {@return whether this provider understands extensions of a kind; default false} */
    default boolean serves(String extensionKind) {
        return false;
    }

    /**
     * Writes an extension into the spec's own words: further shares, overlays, kernel parameters. Pure; called before anything is
     * checked.
     *
     * @return the spec with what the extension stands for added; by default unchanged
     */
    default VmSpec expand(VmSpec spec, SpecExtension extension) {
        return spec;
    }

    /**
     * {@return the service behind a share}
     *
     * @throws UnsupportedOperationException if {@link #serves(Share)} is false
     */
    default HostService serviceFor(Share share, HostContext context) {
        throw new UnsupportedOperationException("does not serve share " + share.tag());
    }

    /**
     * {@return the service behind an extension}
     *
     * @throws UnsupportedOperationException if {@link #serves(String)} is false
     */
    default HostService serviceFor(SpecExtension extension, HostContext context) {
        throw new UnsupportedOperationException("does not serve extension " + extension.kind());
    }

    /**
     * {@return an extension's JSON form, without its kind}
     *
     * @throws UnsupportedOperationException if {@link #serves(String)} is false
     */
    default JsonValue toJson(SpecExtension extension) {
        throw new UnsupportedOperationException("does not serve extension " + extension.kind());
    }

    /**
     * {@return the extension with a JSON form; unknown members are refused}
     *
     * @throws IllegalArgumentException if a member is unknown or a value is not allowed
     * @throws UnsupportedOperationException if {@link #serves(String)} is false
     */
    default SpecExtension fromJson(String extensionKind, JsonValue json) {
        throw new UnsupportedOperationException("does not serve extension " + extensionKind);
    }
}
