/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.nio.file.Path;

/** Writes the dump of a private store to standard output; for JVMs under another user. */
public final class DumpMain {
    private DumpMain() {}

    /** Takes the store's folder. */
    public static void main(String[] arguments) throws Exception {
        StoreDatabase database = NixStore.privateStore(Path.of(arguments[0])).database();
        StoreDump.of(database).writeTo(System.out);
        System.out.flush();
    }
}
