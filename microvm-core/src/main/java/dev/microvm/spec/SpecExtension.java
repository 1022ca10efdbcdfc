/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/**
 * A part of a spec that another module understands: the one type of this package that others may implement. Implementations are
 * immutable values. What an extension means (further shares, services on the host, its JSON form) comes from a
 * {@code dev.microvm.spi.HostServiceProvider}.
 */
public interface SpecExtension {
    /** {@return the extension's name in JSON, such as {@code nix-store}: lower case, unique among all modules} */
    String kind();

    /** {@return the Maven coordinates of the module that provides it, for the error where that is absent} */
    String providedBy();
}
