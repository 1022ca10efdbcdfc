/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.spec.FileSystem;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands where an image is made, left by a start that was killed or planted by somebody, is neither used nor written to. */
class VolumeImagesTest {
    private static final int STRANGER = 65_534;

    @TempDir
    private Path temp;

    private Path image;
    private Path unfinished;
    private Path victim;

    @BeforeEach
    void files() throws IOException {
        image = Files.createDirectory(temp.resolve("images")).resolve("disk");
        unfinished = image.resolveSibling(".disk.microvm-new");
        victim = Files.createDirectory(temp.resolve("elsewhere")).resolve("microvm-image");
        Files.writeString(victim, "content");
    }

    private void create() throws IOException, InterruptedException {
        create(Volume.builder().image(image).createMib(1).build());
    }

    private void create(Volume volume) throws IOException, InterruptedException {
        new VolumeImages(Map.of("PATH", temp.toString()), Optional.empty()).create(volume);
    }

    private static String modeOf(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private void assertOnlyTheImage() throws IOException {
        assertThat(Files.size(image)).isEqualTo(1 << 20);
        assertThat(modeOf(image)).isEqualTo("rw-------");
        assertThat(Files.getAttribute(image, "unix:nlink")).isEqualTo(1);
        assertThat(names(image.getParent())).containsExactly("disk");
        assertThat(victim).hasContent("content");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    private void leaveBehind(String... names) throws IOException {
        Files.createDirectory(
                unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (String name : names) {
            Files.writeString(unfinished.resolve(name), "left");
        }
    }

    @Test
    void leftoversOfAKilledStartAreRemoved() throws Exception {
        leaveBehind("microvm-image", "microvm-raw", "microvm-probe", "microvm-lock");
        create();
        assertOnlyTheImage();
    }

    @Test
    void aLeftoverThatIsAnImageMovedSinceIsNotTruncated() throws Exception {
        leaveBehind("microvm-lock");
        Files.createLink(unfinished.resolve("microvm-image"), victim);
        create();
        assertOnlyTheImage();
    }

    @Test
    void aSecondNameLeftBesideAFinishedImageIsRemovedAtTheNextStart() throws Exception {
        create();
        leaveBehind("microvm-lock");
        Files.createLink(unfinished.resolve("microvm-image"), image);
        create();
        assertOnlyTheImage();
    }

    @Test
    void aHardLinkPlantedWhereTheImageIsMadeLosesNothing() throws Exception {
        Files.createLink(unfinished, victim);
        create();
        assertOnlyTheImage();
    }

    @Test
    void aFilePlantedForAllToWriteDoesNotBecomeTheImage() throws Exception {
        Files.writeString(unfinished, "planted");
        Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-rw-rw-"));
        Object planted = Files.getAttribute(unfinished, "unix:ino");
        try (FileChannel open = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            create();
            assertThat(open.size()).isEqualTo("planted".length());
        }
        assertThat(Files.getAttribute(image, "unix:ino")).isNotEqualTo(planted);
        assertOnlyTheImage();
    }

    @Test
    void aLinkPlantedWhereTheImageIsMadeIsNotFollowed() throws Exception {
        Files.createSymbolicLink(unfinished, victim.getParent());
        create();
        assertOnlyTheImage();
    }

    @Test
    void aFolderOfSomebodyElseIsRefusedAndKept() throws Exception {
        assumeTrue(isRoot(), "only root can make what is somebody else's");
        leaveBehind("microvm-image");
        Files.setAttribute(unfinished, "unix:uid", STRANGER);
        assertThatThrownBy(this::create).hasMessageContainingAll(unfinished.toString(), "it belongs to", "remove it");
        assertThat(image).doesNotExist();
        assertThat(unfinished.resolve("microvm-image")).hasContent("left");
    }

    @Test
    void aFolderThatOthersMayWriteIsRefused() throws Exception {
        leaveBehind("microvm-image");
        Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxrwx---"));
        assertThatThrownBy(this::create).hasMessageContaining("others may write in it: rwxrwx---");
        assertThat(unfinished.resolve("microvm-image")).hasContent("left");
    }

    @Test
    void aFolderMovedToThatPlaceLosesNothingButOurNames() throws Exception {
        leaveBehind("precious", "microvm-image");
        create();
        assertThat(Files.size(image)).isEqualTo(1 << 20);
        assertThat(names(unfinished)).containsExactly("precious");
    }

    /** Whoever may write the folder around can do so between two looks; mkfs says when. */
    @Test
    void aLinkSwappedInBeforeMkfsOpensTheImageLeadsItNowhere() throws Exception {
        Path mkfs = Files.writeString(temp.resolve("mkfs.ext4"), """
                #!/bin/sh
                for last; do :; done
                mv %1$s %2$s/moved && ln -s %3$s %1$s
                printf made >"$last"
                """.formatted(unfinished, temp, victim.getParent()));
        Files.setPosixFilePermissions(mkfs, PosixFilePermissions.fromString("rwxr-xr-x"));
        Volume volume = Volume.of(image).createdWith(4, FileSystem.EXT4);
        assertThatThrownBy(() -> create(volume)).hasMessageContaining("replaced by another folder");
        assertThat(victim).hasContent("content");
        assertThat(image).doesNotExist();
        assertThat(temp.resolve("moved")).isEmptyDirectory();
    }

    @Test
    void noProgramStartsInAFolderThatHasBecomeAnother() throws Exception {
        try (PrivateFolder folder = PrivateFolder.take(unfinished).orElseThrow()) {
            Files.move(unfinished, temp.resolve("moved"));
            Files.createSymbolicLink(unfinished, victim.getParent());
            assertThatThrownBy(() -> folder.run(List.of("touch", "was-here"), Duration.ofSeconds(30)))
                    .hasMessageContaining("has become another folder");
        }
        assertThat(names(victim.getParent())).containsExactly("microvm-image");
    }

    @Test
    void twoStartsDoNotMakeOneImage() throws Exception {
        leaveBehind();
        try (FileChannel other = FileChannel.open(
                        unfinished.resolve("microvm-lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = other.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThatThrownBy(this::create).hasMessageContaining("another start is making " + image);
        }
        assertThat(image).doesNotExist();
    }
}
