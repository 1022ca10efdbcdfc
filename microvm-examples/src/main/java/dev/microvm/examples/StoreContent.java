/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.nix.NixCommands;
import dev.microvm.nix.NixStore;

/**
 * Something real to find in a Nix store: a text and a second one that refers to it.
 *
 * @param greeting a store path without references
 * @param letter a store path that refers to the greeting
 */
record StoreContent(String greeting, String letter) {
    static StoreContent putInto(NixStore store) {
        NixCommands nix = store.nix();
        String greeting = nix.addText("microvm-greeting", "hello from the host's store\n");
        String letter = nix.addText("microvm-letter", "see " + greeting + "\n", greeting);
        return new StoreContent(greeting, letter);
    }
}
