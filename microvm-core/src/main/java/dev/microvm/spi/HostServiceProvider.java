/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spi;

import dev.microvm.qmp.JsonValue;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.Share;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spec.VmSpec;
import java.util.Optional;

/**
 * Adds behaviour to parts of a spec. Providers are found with {@link java.util.ServiceLoader} by the class loader of this library
 * (never the thread's), or registered on a {@code VmHost}. They have no state.
 */
public interface HostServiceProvider {
    /**
     * {@return whether this provider serves a share; default false} A virtiofs share needs a provider; a 9p share, which QEMU itself
     * serves, may have one, for its checks.
     *
     * @param share a share of the spec, of any kind but {@link AutoShare}
     */
    default boolean serves(Share share) {
        return false;
    }

    /**
     * {@return whether this provider understands extensions of a kind; default false}
     *
     * @param extensionKind what {@link SpecExtension#kind()} gives, such as {@code nix-store}
     */
    default boolean serves(String extensionKind) {
        return false;
    }

    /**
     * Writes an extension into the spec's own words: further shares, overlays, kernel parameters. Pure; called before anything is
     * checked.
     *
     * @param spec as declared, with the earlier extensions already written out
     * @param extension one of a kind this provider serves
     * @return the spec with what the extension stands for added; by default unchanged
     */
    default VmSpec expand(VmSpec spec, SpecExtension extension) {
        return spec;
    }

    /**
     * {@return what a share that is decided by the host becomes, and why; default empty: another provider is asked, and where none decides
     * it is shared by 9p} Looks only, changes nothing; an interrupt makes it return early, with the flag set again.
     *
     * @param share the undecided share
     * @param context of the VM that is planned; its {@link HostContext#spec()} has each undecided share as
     *     {@link AutoShare#toVirtiofs()}
     */
    default Optional<ShareChoice> choose(AutoShare share, HostContext context) {
        return Optional.empty();
    }

    /**
     * {@return the service behind a share}
     *
     * @param share one that {@link #serves(Share)} said yes to
     * @param context of the VM that is about to start; valid as long as the service
     * @throws UnsupportedOperationException if {@link #serves(Share)} is false
     */
    default HostService serviceFor(Share share, HostContext context) {
        throw new UnsupportedOperationException("does not serve share " + share.tag());
    }

    /**
     * {@return the service behind an extension}
     *
     * @param extension one of a kind that {@link #serves(String)} said yes to
     * @param context of the VM that is about to start; valid as long as the service
     * @throws UnsupportedOperationException if {@link #serves(String)} is false
     */
    default HostService serviceFor(SpecExtension extension, HostContext context) {
        throw new UnsupportedOperationException("does not serve extension " + extension.kind());
    }

    /**
     * {@return an extension's JSON form, without its kind}
     *
     * @param extension one of a kind that {@link #serves(String)} said yes to
     * @throws UnsupportedOperationException if {@link #serves(String)} is false
     */
    default JsonValue toJson(SpecExtension extension) {
        throw new UnsupportedOperationException("does not serve extension " + extension.kind());
    }

    /**
     * {@return the extension with a JSON form; unknown members are refused}
     *
     * @param extensionKind a kind that {@link #serves(String)} said yes to
     * @param json what {@link #toJson} gave, perhaps written by a person
     * @throws IllegalArgumentException if a member is unknown or a value is not allowed
     * @throws UnsupportedOperationException if {@link #serves(String)} is false
     */
    default SpecExtension fromJson(String extensionKind, JsonValue json) {
        throw new UnsupportedOperationException("does not serve extension " + extensionKind);
    }
}
