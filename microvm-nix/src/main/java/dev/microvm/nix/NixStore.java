/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Nix store of the host, as a value: where its files and its database are. Paths in it are always written {@code /nix/store/...}, wherever
 * the files really are. What can be done with it is at {@link #nix()}; nothing is looked at before that.
 */
public final class NixStore {
    private static final Path SLASH = Path.of("/");

    private final Path root;

    private NixStore(Path root) {
        this.root = root;
    }

    /** {@return the host's own store: {@code /nix/store} with its state in {@code /nix/var/nix}} */
    public static NixStore host() {
        return new NixStore(SLASH);
    }

    /**
     * {@return a store below a folder, {@code local?root=DIR} in Nix' words: files in {@code DIR/nix/store}, state in
     * {@code DIR/nix/var/nix}; made by the first command that adds to it}
     *
     * @param folder the folder; a relative path is taken from the JVM's working directory now
     * @throws IllegalArgumentException if it is the root folder, which is {@link #host()}
     */
    public static NixStore privateStore(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        if (absolute.equals(SLASH)) {
            throw new IllegalArgumentException(
                    "folder = " + folder + ": that is the host's own store, NixStore.host()");
        }
        return new NixStore(absolute);
    }

    /** {@return the folder of a private store; empty for the host's own} */
    public Optional<Path> root() {
        return root.equals(SLASH) ? Optional.empty() : Optional.of(root);
    }

    /** {@return the folder that holds the store's files} */
    public Path physicalStore() {
        return root.resolve("nix/store");
    }

    /** {@return the folder of the store's state, Nix' {@code NIX_STATE_DIR}} */
    public Path stateFolder() {
        return root.resolve("nix/var/nix");
    }

    /**
     * {@return where the files of a store path really are}
     *
     * @param storePath a path {@code /nix/store/...}, with or without something below it
     * @throws IllegalArgumentException if it does not start with {@code /nix/store/}, or leaves it
     */
    public Path physical(String storePath) {
        Path file = root.resolve(storePath.replaceFirst("^/+", "")).normalize();
        if (!storePath.startsWith(StorePath.STORE + "/") || !file.startsWith(physicalStore())) {
            throw new IllegalArgumentException("store path = " + storePath + ": must be below " + StorePath.STORE);
        }
        return file;
    }

    /** {@return what the caller's Nix programs can do with this store, with the defaults of {@link NixCommands}} */
    public NixCommands nix() {
        return NixCommands.of(this);
    }

    /** {@return the store's database, read without Nix} */
    public StoreDatabase database() {
        return StoreDatabase.of(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NixStore store && root.equals(store.root);
    }

    @Override
    public int hashCode() {
        return Objects.hash(root);
    }

    @Override
    public String toString() {
        return root().map(folder -> "NixStore[" + folder + "]").orElse("NixStore[host]");
    }
}
