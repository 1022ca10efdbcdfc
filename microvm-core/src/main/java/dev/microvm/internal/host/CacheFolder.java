/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The folder for what outlives VMs: initramfs images, results of probes, unpacked kernels.
 *
 * <p>It is {@code MICROVM_CACHE}; else for root {@code /var/cache/microvm}; else {@code $XDG_CACHE_HOME/microvm} (XDG Base Directory
 * Specification: a relative value is ignored); else {@code ~/.cache/microvm}. Everything in it can be made again.
 *
 * @param root the folder, absolute; it need not exist
 */
public record CacheFolder(Path root) {
    /** {@return the folder that an environment asks for} */
    public static CacheFolder of(Map<String, String> environment) {
        return of(environment, isRoot());
    }

    static CacheFolder of(Map<String, String> environment, boolean root) {
        Optional<Path> given = absolute(environment, "MICROVM_CACHE");
        if (given.isPresent()) {
            return new CacheFolder(given.get());
        }
        if (root) {
            return new CacheFolder(Path.of("/var/cache/microvm"));
        }
        return new CacheFolder(absolute(environment, "XDG_CACHE_HOME")
                .orElseGet(() -> home(environment).resolve(".cache"))
                .resolve("microvm"));
    }

    private static Path home(Map<String, String> environment) {
        return absolute(environment, "HOME").orElseGet(() -> Path.of(System.getProperty("user.home")));
    }

    private static Optional<Path> absolute(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(text -> !text.isEmpty())
                .map(Path::of)
                .filter(Path::isAbsolute);
    }

    /** Whether this process is root; false where the kernel does not say. */
    static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * {@return a folder in the cache, created if it is not there}
     *
     * @param name such as {@code kernels}
     * @throws UncheckedIOException if it cannot be created; the message names the folder and {@code MICROVM_CACHE}
     */
    public Path folder(String name) {
        Path folder = root.resolve(name);
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(
                    "cannot create " + folder + "; set MICROVM_CACHE to a folder this user may write", e));
        }
    }

    /** {@return a cache for files of one kind in this folder, kept under a size} */
    public SizedCache sized(String name, long maxBytes) {
        return new SizedCache(this, name, maxBytes);
    }

    /**
     * Takes a lock that holds between threads and between processes.
     *
     * @param name the lock's name: one lock for each
     * @param limit how long to wait for it
     * @throws UncheckedIOException if the lock file cannot be opened, or the lock is held by others for longer than the limit
     * @throws InterruptedException if the calling thread is interrupted
     */
    public CacheLock lock(String name, Duration limit) throws InterruptedException {
        return CacheLock.take(folder("locks").resolve(name + ".lock"), limit);
    }
}
