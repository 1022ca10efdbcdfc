/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.internal.mount.PersistentTarget.Ids;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersistentFoldersTest {
    private static final Optional<Ids> NOBODY = Optional.of(new Ids(65534, 65534));

    @TempDir
    private Path folder;

    private VirtiofsShare share() {
        return VirtiofsShare.of("keep", folder).mountedAt("/keep");
    }

    private static VmSpec spec(Share share, Persistence... persistence) {
        return VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(share)
                .addPersistence(persistence)
                .build();
    }

    private static List<String> makings(VmSpec spec, boolean root) {
        return PersistentFolders.makings(spec, NOBODY, root).stream()
                .map(making -> String.format(
                        Locale.ROOT,
                        "%s %s %04o %s",
                        making.file() ? "file" : "directory",
                        making.path(),
                        making.mode(),
                        making.owner().map(ids -> ids.uid() + ":" + ids.gid()).orElse("caller")))
                .toList();
    }

    @Test
    void theWholeTargetIsLaidOutBelowThePlaceAndTheHomeIsClosed() {
        VmSpec spec = spec(
                share(),
                Persistence.at("/keep/vm").directories("/var/lib/a").file("/etc/machine-id", 0444),
                Persistence.at("/keep/vm").directories("src/git").ofUser("dev", 1000));

        assertThat(makings(spec, true))
                .containsExactly(
                        "directory vm 0755 caller",
                        "directory vm/var 0755 caller",
                        "directory vm/var/lib 0755 caller",
                        "directory vm/var/lib/a 0755 caller",
                        "directory vm 0755 caller",
                        "directory vm/etc 0755 caller",
                        "file vm/etc/machine-id 0444 caller",
                        "directory vm 0755 caller",
                        "directory vm/home 0755 caller",
                        "directory vm/home/dev 0700 caller",
                        "directory vm/home/dev/src 0755 caller",
                        "directory vm/home/dev/src/git 0755 caller");
    }

    @Test
    void ownersAreTheGuestsWhereTheShareKeepsThemAndQemusWhereQemuServes() {
        Persistence persistence = Persistence.at("/keep").directories("git").ofUser("dev", 1000);
        VirtiofsShare identity =
                VirtiofsShare.builder().from(share()).idMap(IdMap.IDENTITY).build();
        assertThat(makings(spec(identity, persistence), true))
                .containsExactly(
                        "directory home 0755 0:0",
                        "directory home/dev 0700 1000:1000",
                        "directory home/dev/git 0755 1000:1000");
        NinePShare nineP = NinePShare.of("keep", folder).mountedAt("/keep");
        assertThat(makings(spec(nineP, Persistence.at("/keep").directories("/a")), true))
                .containsExactly("directory a 0755 65534:65534");
        assertThat(makings(spec(identity, persistence), false))
                .as("only root gives files away")
                .allMatch(text -> text.endsWith("caller"));
    }

    @Test
    void upperLayersOnAVirtiofsShareAreMadeToo() throws Exception {
        StoreOverlay overlay = StoreOverlay.builder()
                .lower("/lower")
                .upper("/keep/vm/over")
                .upperLayer(UpperLayer.MOUNTED)
                .mountPoint("/merged")
                .build();
        VmSpec spec =
                VmSpec.builder().from(spec(share())).addStoreOverlays(overlay).build();
        assertThat(makings(spec, true)).containsExactly("directory vm 0755 caller", "directory vm/over 0755 caller");

        Files.createSymbolicLink(folder.resolve("vm"), Path.of("elsewhere"));
        assertThat(PersistentFolders.problems(spec))
                .extracting(Problem::toString)
                .anyMatch(text -> text.startsWith("storeOverlays on shares[tag=keep]")
                        && text.contains("/vm is to be a directory, and is a link"));
        for (StoreOverlay other : List.of(
                StoreOverlay.builder().from(overlay).upper("/keep").build(),
                StoreOverlay.builder()
                        .from(overlay)
                        .upperLayer(UpperLayer.TMPFS)
                        .build())) {
            assertThat(makings(
                            VmSpec.builder()
                                    .from(spec(share()))
                                    .addStoreOverlays(other)
                                    .build(),
                            true))
                    .isEmpty();
        }
    }

    @Test
    void makesWhatIsMissingAndCanBeRepeated() throws Exception {
        VmSpec spec =
                spec(share(), Persistence.at("/keep").directories("/var/a").files("/etc/id"));
        assertThat(PersistentFolders.problems(spec)).isEmpty();
        assertThat(folder).as("looking changes nothing").isEmptyDirectory();

        PersistentFolders.make(spec, Optional.empty(), false);
        Files.writeString(folder.resolve("etc/id"), "kept");
        PersistentFolders.make(spec, Optional.empty(), false);

        assertThat(folder.resolve("var/a")).isEmptyDirectory();
        assertThat(folder.resolve("etc/id")).hasContent("kept");
        assertThat(PersistentFolders.problems(spec)).isEmpty();
    }

    /** Such a folder stayed for ever, in the root of the share. */
    @Test
    void whatAKilledStartLeftIsRemovedByALaterOne() throws Exception {
        VmSpec spec =
                spec(share(), Persistence.at("/keep").directories("/var/a").files("/etc/id"));
        PersistentFolders.make(spec, Optional.empty(), false);
        FileTime old = FileTime.from(Instant.now().minus(Unfinished.AGE).minusSeconds(60));
        List<Path> left = new ArrayList<>();
        for (String parent : List.of("", "var", "etc")) {
            left.add(Files.createDirectory(folder.resolve(parent).resolve(Unfinished.newName())));
            left.add(Files.createFile(folder.resolve(parent).resolve(Unfinished.newName())));
        }
        Path full = Files.createDirectory(folder.resolve(Unfinished.newName()));
        Files.createFile(full.resolve("content"));
        Path another = Files.createDirectory(folder.resolve(".microvm-settings"));
        for (Path path : Stream.concat(left.stream(), Stream.of(full, another)).toList()) {
            Files.setLastModifiedTime(path, old);
        }
        Path young = Files.createDirectory(folder.resolve(Unfinished.newName()));

        PersistentFolders.make(spec, Optional.empty(), false);

        assertThat(left).allMatch(Files::notExists);
        assertThat(List.of(full.resolve("content"), another, young, folder.resolve("var/a"), folder.resolve("etc/id")))
                .as("what is full, another's, or made just now by another start")
                .allMatch(Files::exists);
    }

    @Test
    void tellsAllThatStandsInTheWay() throws Exception {
        Files.createSymbolicLink(folder.resolve("var"), Path.of("elsewhere"));
        Files.createDirectories(folder.resolve("etc/id"));
        Files.createFile(folder.resolve("srv"));
        VmSpec spec = spec(
                share(),
                Persistence.at("/keep").directories("/var/a", "/srv", "/ok").files("/etc/id"));

        List<String> problems =
                PersistentFolders.problems(spec).stream().map(Problem::toString).toList();

        assertThat(problems)
                .anyMatch(text -> text.contains(folder.resolve("var") + " is to be a directory, and is a link"))
                .anyMatch(text -> text.contains(folder.resolve("srv") + " is to be a directory, and is a file"))
                .anyMatch(text -> text.contains(folder.resolve("etc/id") + " is to be a file, and is a directory"))
                .noneMatch(text -> text.contains("/ok"));
    }
}
