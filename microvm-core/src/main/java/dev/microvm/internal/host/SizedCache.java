/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Files of one kind under a limit of their sizes' sum: the one used longest ago goes first. An entry appears whole or not at all, and the
 * newest is kept even where it alone passes the limit.
 *
 * <p>An entry that was handed out can be evicted by another process while it is used; users open it soon, and an open file outlives its
 * name.
 */
public final class SizedCache {
    private static final Duration LOCK_LIMIT = Duration.ofSeconds(30);
    private static final String UNFINISHED = ".part";

    private final CacheFolder cache;
    private final String name;
    private final long maxBytes;

    SizedCache(CacheFolder cache, String name, long maxBytes) {
        this.cache = cache;
        this.name = name;
        this.maxBytes = maxBytes;
    }

    /** Writes an entry's content to a file that does not exist yet. */
    @FunctionalInterface
    public interface Producer {
        /** Writes the file. */
        void writeTo(Path file) throws IOException;
    }

    /** {@return where the entry of a key is or would be} */
    public Path place(String key) {
        return cache.root().resolve(name).resolve(key);
    }

    /** {@return the entry of a key, marked as just used; empty if there is none} */
    public Optional<Path> find(String key) {
        Path file = place(key);
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // A cache that only others may write still serves.
            return Files.isReadable(file) ? Optional.of(file) : Optional.empty();
        }
        return Optional.of(file);
    }

    /**
     * {@return the entry of a key, produced if it is not there}
     *
     * @param key a file name that changes whenever the content would: a hash of everything that goes in
     * @throws UncheckedIOException if it cannot be produced or written
     * @throws InterruptedException if the calling thread is interrupted while another process or thread works on this cache
     */
    public Path get(String key, Producer producer) throws InterruptedException {
        Optional<Path> found = find(key);
        return found.isPresent() ? found.get() : put(key, producer);
    }

    /**
     * Produces an entry, in place of one that is there.
     *
     * @return the entry's file
     * @throws UncheckedIOException if it cannot be produced or written
     * @throws InterruptedException if the calling thread is interrupted while another process or thread works on this cache
     */
    @SuppressWarnings("try") // the lock is only held
    public Path put(String key, Producer producer) throws InterruptedException {
        Path folder = cache.folder(name);
        Path file = folder.resolve(key);
        try (CacheLock lock = cache.lock(name, LOCK_LIMIT)) {
            Path part = folder.resolve(key + UNFINISHED);
            try {
                Files.deleteIfExists(part);
                producer.writeTo(part);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
            evict(folder, file);
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException("cannot write the cache entry " + file, e));
        }
        return file;
    }

    private void evict(Path folder, Path newest) throws IOException {
        List<Entry> entries = new ArrayList<>(entries(folder));
        entries.sort(Comparator.comparing(Entry::lastUsed));
        long sum = entries.stream().mapToLong(Entry::bytes).sum();
        for (Entry entry : entries) {
            if (sum <= maxBytes) {
                return;
            }
            if (!entry.file().equals(newest)) {
                Files.deleteIfExists(entry.file());
                sum -= entry.bytes();
            }
        }
    }

    /** {@return the sum of the entries' sizes in bytes} */
    public long bytes() {
        try {
            return entries(cache.root().resolve(name)).stream()
                    .mapToLong(Entry::bytes)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Removes every entry.
     *
     * @throws UncheckedIOException if one cannot be removed
     * @throws InterruptedException if the calling thread is interrupted while another process or thread works on this cache
     */
    @SuppressWarnings("try") // the lock is only held
    public void clear() throws InterruptedException {
        Path folder = cache.folder(name);
        try (CacheLock lock = cache.lock(name, LOCK_LIMIT)) {
            for (Entry entry : entries(folder)) {
                Files.deleteIfExists(entry.file());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Entry> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Entry> entries = new ArrayList<>();
            for (Path file : files.toList()) {
                Entry.of(file).ifPresent(entries::add);
            }
            return entries;
        }
    }

    private record Entry(Path file, long bytes, FileTime lastUsed) {
        static Optional<Entry> of(Path file) throws IOException {
            try {
                return Files.isRegularFile(file)
                        ? Optional.of(new Entry(file, Files.size(file), Files.getLastModifiedTime(file)))
                        : Optional.empty();
            } catch (NoSuchFileException evictedByAnother) {
                return Optional.empty();
            }
        }
    }
}
