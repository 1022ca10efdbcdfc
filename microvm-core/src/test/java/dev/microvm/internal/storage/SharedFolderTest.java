/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.internal.mount.PersistentTarget.Ids;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedFolderTest {
    @TempDir
    private Path temp;

    private Path shared;
    private Path outside;
    private SharedFolder folder;

    @BeforeEach
    void open() throws IOException {
        shared = Files.createDirectory(temp.resolve("shared"));
        outside = Files.createDirectory(temp.resolve("outside"));
        folder = SharedFolder.open(shared);
    }

    @AfterEach
    void close() throws IOException {
        folder.close();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void makesDirectoriesAndFilesWithTheirModesWhateverTheUmask() throws Exception {
        folder.makeDirectory(Path.of("a"), 0777, Optional.empty());
        folder.makeDirectory(Path.of("a/b"), 0710, Optional.empty());
        folder.makeFile(Path.of("a/b/f"), 0666, Optional.empty());

        assertThat(mode(shared.resolve("a"))).isEqualTo("rwxrwxrwx");
        assertThat(mode(shared.resolve("a/b"))).isEqualTo("rwx--x---");
        assertThat(mode(shared.resolve("a/b/f"))).isEqualTo("rw-rw-rw-");
        assertThat(shared.resolve("a/b/f")).isEmptyFile();
        assertThat(shared).isDirectoryNotContaining("glob:**/.microvm-*");
    }

    @Test
    void whatExistsStaysAsItIs() throws Exception {
        Path file = Files.writeString(Files.createDirectory(shared.resolve("a")).resolve("f"), "content");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        folder.makeDirectory(Path.of("a"), 0700, Optional.empty());
        folder.makeFile(Path.of("a/f"), 0644, Optional.empty());

        assertThat(file).hasContent("content");
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(mode(shared.resolve("a"))).isNotEqualTo("rwx------");
    }

    /** A guest may have put them there, and the caller may be root. */
    @Test
    void followsNoLinkOnTheWay() throws Exception {
        Files.createSymbolicLink(shared.resolve("way"), outside);
        Files.createSymbolicLink(shared.resolve("gone"), outside.resolve("x"));

        assertThatThrownBy(() -> folder.makeDirectory(Path.of("way/in"), 0755, Optional.empty()))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("a guest may have put them there");
        assertThatThrownBy(() -> folder.makeFile(Path.of("way/file"), 0644, Optional.empty()))
                .isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> folder.makeFile(Path.of("gone"), 0644, Optional.empty()))
                .isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> folder.makeDirectory(Path.of("gone"), 0755, Optional.empty()))
                .isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> folder.kindOf(Path.of("way/in"))).isInstanceOf(FileSystemException.class);
        assertThat(folder.kindOf(Path.of("way"))).isEqualTo(SharedFolder.Kind.OTHER);
        assertThat(outside).isEmptyDirectory();
        assertThat(shared).isDirectoryNotContaining("glob:**/.microvm-*");
    }

    /** A guest that runs meanwhile: whatever it puts in the way between a look and a step, nothing is made outside. */
    @Test
    void aLinkThatComesBetweenLookAndStepLeadsNowhere() throws Exception {
        Path way = Files.createDirectory(shared.resolve("way"));
        Path aside = shared.resolve("aside");
        Path link = Files.createSymbolicLink(shared.resolve("link"), outside);
        Path secret = Files.createFile(outside.resolve("secret"));
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Integer> guest = new FutureTask<>(() -> {
            int swaps = 0;
            while (!done.get()) {
                Files.move(way, aside);
                Files.move(link, way);
                Files.move(way, link);
                Files.move(aside, way);
                swaps++;
            }
            return swaps;
        });
        Thread thread = new Thread(guest, "guest");
        thread.start();
        int made = 0;
        int refused = 0;
        Set<SharedFolder.Kind> seen = EnumSet.noneOf(SharedFolder.Kind.class);
        try {
            // Looking costs little, so that many looks are taken: about one in a thousand meets a swap.
            for (int i = 0; i < 50_000; i++) {
                try {
                    seen.add(folder.kindOf(Path.of("way/secret")));
                } catch (IOException e) {
                    refused++;
                }
            }
            // As long as both happen, at most ten times as long.
            for (int i = 0; i < 2000 || ((made == 0 || refused == 0) && i < 20_000); i++) {
                try {
                    folder.makeDirectory(Path.of("way", "d" + i), 0755, Optional.empty());
                    folder.makeFile(Path.of("way", "f" + i), 0644, Optional.empty());
                    made++;
                } catch (IOException e) {
                    refused++;
                }
            }
        } finally {
            done.set(true);
        }
        assertThat(guest.get(20, TimeUnit.SECONDS)).isPositive();
        assertThat(seen).as("seen outside").containsOnly(SharedFolder.Kind.ABSENT);
        assertThat(outside)
                .isDirectoryContaining(secret::equals)
                .isDirectoryNotContaining(path -> !path.equals(secret));
        assertThat(made).isPositive();
        assertThat(refused).isPositive();
        assertThat(shared).isDirectoryNotContaining("glob:**/.microvm-*");
    }

    /** It was made in the root of the share, which may be another file system, or not this user's to write. */
    @Test
    void nothingIsMadeInTheRootForAPlaceBelow() throws Exception {
        Path deep = Files.createDirectory(shared.resolve("deep"));
        try (WatchService watch = shared.getFileSystem().newWatchService()) {
            WatchKey inRoot = shared.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            WatchKey inDeep = deep.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            folder.makeDirectory(Path.of("deep/d"), 0755, Optional.empty());
            folder.makeFile(Path.of("deep/f"), 0644, Optional.empty());

            await(() -> events(inDeep).containsAll(List.of("d", "f")));
            assertThat(events(inRoot)).isEmpty();
        }
    }

    private final Map<WatchKey, List<String>> seen = new HashMap<>();

    private List<String> events(WatchKey key) {
        List<String> names = seen.computeIfAbsent(key, any -> new ArrayList<>());
        key.pollEvents().forEach(event -> names.add(String.valueOf(event.context())));
        return names;
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** A start that was killed between making a file and giving it away left one that was "left alone" for ever. */
    @Test
    void aFileIsNeverSeenWithAnotherModeOrOwnerThanItsOwn() throws Exception {
        Optional<Ids> owner = isRoot() ? Optional.of(new Ids(4321, 4322)) : Optional.empty();
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Set<String>> onlooker = new FutureTask<>(() -> {
            Set<String> looks = new HashSet<>();
            for (int i = 0; !done.get(); ) {
                try {
                    Map<String, Object> look = Files.readAttributes(
                            shared.resolve("f" + i), "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
                    looks.add(Integer.toOctalString((Integer) look.get("mode") & 07777) + " " + look.get("uid") + ":"
                            + look.get("gid"));
                    i++;
                } catch (NoSuchFileException e) {
                    Thread.onSpinWait();
                }
            }
            return looks;
        });
        new Thread(onlooker, "onlooker").start();
        for (int i = 0; i < 60; i++) {
            folder.makeFile(Path.of("f" + i), 0666, owner);
        }
        done.set(true);

        assertThat(onlooker.get(20, TimeUnit.SECONDS))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("666 ")
                .contains(owner.isPresent() ? " 4321:4322" : "");
    }

    /** What is opened by its name a second time may be something else by then: a FIFO, which waits for a writer for ever, or a file of root's. */
    @ParameterizedTest
    @ValueSource(strings = {"fifo", "file"})
    void whatAGuestPutsInPlaceOfWhatIsBeingMadeIsNeitherWaitedForNorGivenAway(String kind) throws Exception {
        int tries = 150;
        Path stock = Files.createDirectory(shared.resolve("stock"));
        for (int i = 0; i < tries && kind.equals("file"); i++) {
            Files.setPosixFilePermissions(
                    Files.writeString(stock.resolve("s" + i), "another's"),
                    PosixFilePermissions.fromString("rw-------"));
        }
        if (kind.equals("fifo")) {
            List<String> command = new ArrayList<>(List.of("mkfifo"));
            for (int i = 0; i < tries; i++) {
                command.add(stock.resolve("s" + i).toString());
            }
            assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
        }
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Integer> guest = new FutureTask<>(() -> {
            int swaps = 0;
            while (!done.get() && swaps < tries) {
                for (String name : shared.toFile().list()) {
                    Path path = shared.resolve(name);
                    if (!name.equals("stock") && swaps < tries && isEmptyFile(path)) {
                        Files.move(stock.resolve("s" + swaps++), path, StandardCopyOption.ATOMIC_MOVE);
                    }
                }
            }
            return swaps;
        });
        FutureTask<Integer> maker = new FutureTask<>(() -> {
            int refused = 0;
            for (int i = 0; i < tries; i++) {
                try {
                    folder.makeFile(Path.of("f" + i), 0666, Optional.empty());
                } catch (IOException e) {
                    refused++;
                }
            }
            return refused;
        });
        new Thread(guest, "guest").start();
        Thread making = new Thread(maker, "maker");
        making.setDaemon(true);
        making.start();
        try {
            maker.get(10, TimeUnit.SECONDS);
        } finally {
            done.set(true);
            assertThat(guest.get(20, TimeUnit.SECONDS)).isPositive();
            release(maker);
        }
        try (Stream<Path> all = Files.walk(shared)) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                if (Files.size(path) > 0) {
                    assertThat(mode(path)).as(path + ", which nobody asked for").isEqualTo("rw-------");
                }
            }
        }
    }

    private static boolean isEmptyFile(Path path) {
        try {
            BasicFileAttributes look = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return look.isRegularFile() && look.size() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whoever waits at a FIFO is let go by a writer: else a failure of the test would hang it. */
    private void release(FutureTask<?> maker) throws IOException {
        while (!maker.isDone()) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(shared, path -> !Files.isDirectory(path))) {
                for (Path path : all) {
                    FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
                            .close();
                }
            } catch (NoSuchFileException e) {
                Thread.onSpinWait();
            }
        }
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    @Test
    void oneKindDoesNotReplaceTheOther() throws Exception {
        Files.createFile(shared.resolve("file"));
        Files.createDirectory(shared.resolve("directory"));

        assertThatThrownBy(() -> folder.makeDirectory(Path.of("file"), 0755, Optional.empty()))
                .hasMessageContaining("is a file, and a directory is needed");
        assertThatThrownBy(() -> folder.makeFile(Path.of("directory"), 0644, Optional.empty()))
                .hasMessageContaining("is a directory, and a file is needed");
        assertThatThrownBy(() -> folder.makeFile(Path.of("file/inside"), 0644, Optional.empty()))
                .hasMessageContaining("is a file, and a directory is needed");
        assertThatThrownBy(() -> folder.makeFile(Path.of("absent/inside"), 0644, Optional.empty()))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(folder.kindOf(Path.of("absent/inside"))).isEqualTo(SharedFolder.Kind.ABSENT);
    }
}
