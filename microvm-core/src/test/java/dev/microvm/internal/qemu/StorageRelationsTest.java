/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.KernelBoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a guest keeps, and what it is kept on, must fit each other. */
class StorageRelationsTest {
    private static final Path FOLDER = Path.of("/srv/data");
    private static final VirtiofsShare KEEPER =
            VirtiofsShare.of("keep", FOLDER).mountedAt("/keep").mappingUser(1000);
    private static final NinePShare STORE =
            NinePShare.of("store", FOLDER).mountedAt("/lower").asReadOnly();

    private static VmSpec.Builder spec() {
        return VmSpec.builder().boot(BootSource.hostRoot());
    }

    private static List<String> problems(VmSpec.Builder spec) {
        return SpecRelations.problems(spec.build()).stream()
                .map(Problem::toString)
                .toList();
    }

    private static List<String> problems(Persistence persistence) {
        return problems(spec().addShares(KEEPER).addPersistence(persistence));
    }

    private static void onlyProblem(List<String> problems, String... words) {
        assertThat(problems).hasSize(1).first().asString().contains(words);
    }

    private static StoreOverlay.Builder overlay() {
        return StoreOverlay.builder()
                .lower("/lower")
                .upper("/keep/over")
                .mountPoint("/merged")
                .upperLayer(UpperLayer.MOUNTED);
    }

    private static Volume volume(FileSystem fileSystem) {
        return Volume.builder()
                .image(Path.of("/disk.img"))
                .fileSystem(fileSystem)
                .mountPoint("/keep")
                .build();
    }

    @Test
    void soundPersistenceHasNone() {
        assertThat(problems(Persistence.at("/keep").directories("/var/lib/a").files("/etc/machine-id")))
                .isEmpty();
        assertThat(problems(Persistence.at("/keep/deep")
                        .directories("git", ".stack")
                        .ofUser("dev", 1000)))
                .isEmpty();
        assertThat(problems(spec().addVolumes(volume(FileSystem.EXT4))
                        .addPersistence(
                                Persistence.at("/keep").directories("git").ofUser("dev"))))
                .isEmpty();
    }

    @Test
    void persistenceNeedsAWritablePlace() {
        onlyProblem(
                problems(Persistence.at("/other").directories("/var/lib/a")),
                "no share or volume is mounted at /other",
                "mountedAt(\"/other\")");
        onlyProblem(
                problems(spec().addShares(KEEPER.asReadOnly())
                        .addPersistence(Persistence.at("/keep").directories("/a"))),
                "the share \"keep\" is read-only");
    }

    @Test
    void persistentPathsAreToldApartAndNotNested() {
        onlyProblem(
                problems(Persistence.at("/keep").directories("/var/lib/a").files("/var/lib/a")),
                "mount point = /var/lib/a is used more than once");
        onlyProblem(
                problems(Persistence.at("/keep").directories("/var/lib", "/var/lib/a")),
                "/var/lib/a lies in /var/lib, which is persistent already",
                "leave it out");
        onlyProblem(
                problems(Persistence.at("/keep").directories("/etc/a/b").files("/etc/a")),
                "/etc/a/b lies in /etc/a, which is a file");
        assertThat(problems(Persistence.at("/keep").directories("/var/lib", "/var/library")))
                .isEmpty();
    }

    @Test
    void nothingIsKeptWhereSomethingElseIsKept() {
        onlyProblem(
                problems(spec().addShares(KEEPER)
                        .addPersistence(
                                Persistence.at("/keep").directories("/x/y"),
                                Persistence.at("/keep/x").directories("/y"))),
                "/y is kept at /keep/x/y, which is where /x/y is kept",
                "keep one of them at another place");
        onlyProblem(
                problems(spec().addShares(KEEPER)
                        .addPersistence(
                                Persistence.at("/keep").directories("/x"),
                                Persistence.at("/keep/x").files("/y/z"))),
                "/y/z is kept at /keep/x/y/z, which is in what /x keeps");
        assertThat(problems(spec().addShares(KEEPER)
                        .addPersistence(
                                Persistence.at("/keep").directories("/x/y"),
                                Persistence.at("/keep/x").directories("/z"),
                                Persistence.at("/keep/x/y2").directories("/a"))))
                .isEmpty();
    }

    @Test
    void onePlaceMayLieInsideWhatAnotherKeeps() {
        assertThat(problems(
                        spec().addShares(KEEPER, VirtiofsShare.of("big", FOLDER).mountedAt("/big"))
                                .addPersistence(
                                        Persistence.at("/keep").directories("/home/dev"),
                                        Persistence.at("/big").directories("/home/dev/.cache"))))
                .isEmpty();
    }

    @Test
    void persistentPathsHideNothingThatIsNeeded() {
        for (String path : List.of("/proc/a", "/sys", "/dev/shm", "/run", "/run/microvm/agent")) {
            assertThat(problems(Persistence.at("/keep").directories(path)))
                    .as(path)
                    .anyMatch(text -> text.contains(path + " belongs to the kernel or to guest control"));
        }
        onlyProblem(problems(Persistence.at("/keep").directories("/keep/a")), "/keep/a lies where it would be kept");
        onlyProblem(
                problems(spec().addShares(VirtiofsShare.of("keep", FOLDER).mountedAt("/var/keep"))
                        .addPersistence(Persistence.at("/var/keep").directories("/var"))),
                "/var would hide /var/keep, where it is kept");
        onlyProblem(
                problems(Persistence.at("/keep").directories("git")),
                "relative, and the system has no home",
                "ofUser(\"NAME\")");
    }

    @Test
    void aUserMustBeAbleToWriteWhatIsHis() {
        onlyProblem(
                problems(Persistence.at("/keep").directories("git").ofUser("dev", 1001)),
                "shows everything as owned by the user 1000, so dev (1001) could not write there",
                "mappingUser(1001)");
        VmSpec.Builder nineP = spec().addShares(NinePShare.of("keep", FOLDER).mountedAt("/keep"))
                .addPersistence(Persistence.at("/keep").directories("git").ofUser("dev"));
        onlyProblem(problems(nineP), "is by 9p", "mappingUser(UID)");
        VirtiofsShare subordinate = VirtiofsShare.builder()
                .from(KEEPER)
                .idMap(IdMap.subordinateAs(1000))
                .build();
        onlyProblem(
                problems(spec().addShares(subordinate)
                        .addPersistence(
                                Persistence.at("/keep").directories("git").ofUser("dev", 1001))),
                "shows everything as owned by the user 1000",
                "subordinateAs(1001)");
        VirtiofsShare identity =
                VirtiofsShare.builder().from(KEEPER).idMap(IdMap.IDENTITY).build();
        onlyProblem(
                problems(spec().addShares(identity)
                        .addPersistence(
                                Persistence.at("/keep").directories("git").ofUser("dev"))),
                "the id of dev is not known");
        NinePShare passthrough = NinePShare.builder()
                .from(NinePShare.of("keep", FOLDER).mountedAt("/keep"))
                .securityModel(SecurityModel.PASSTHROUGH)
                .build();
        assertThat(problems(spec().addShares(passthrough)
                        .addPersistence(
                                Persistence.at("/keep").directories("git").ofUser("dev", 7))))
                .isEmpty();
        onlyProblem(
                problems(spec().addVolumes(volume(FileSystem.VFAT))
                        .addPersistence(
                                Persistence.at("/keep").directories("git").ofUser("dev"))),
                "vfat",
                "EXT4");
    }

    @Test
    void overlaysKeepToTheRulesOfOverlayfs() {
        VirtiofsShare upper = VirtiofsShare.of("keep", FOLDER).mountedAt("/keep");
        VirtiofsShare marked = VirtiofsShare.builder().from(upper).xattr(true).build();
        assertThat(problems(spec().addShares(STORE, marked)
                        .addStoreOverlays(overlay().build())))
                .isEmpty();
        assertThat(problems(spec().addShares(STORE)
                        .addVolumes(volume(FileSystem.EXT4))
                        .addStoreOverlays(overlay().build())))
                .isEmpty();
        onlyProblem(
                problems(spec().addShares(STORE, upper)
                        .addStoreOverlays(overlay().build())),
                "no extended attributes",
                "VirtiofsShare.xattr(true)");
        onlyProblem(
                problems(spec().addShares(STORE, marked.asReadOnly())
                        .addStoreOverlays(overlay().build())),
                "is read-only");
        onlyProblem(
                problems(spec().addShares(STORE, NinePShare.of("keep", FOLDER).mountedAt("/keep"))
                        .addStoreOverlays(overlay().build())),
                "is by 9p, which overlayfs refuses as its upper layer",
                "a Volume");
        onlyProblem(
                problems(spec().addShares(STORE)
                        .addVolumes(volume(FileSystem.VFAT))
                        .addStoreOverlays(overlay().build())),
                "vfat");
        onlyProblem(
                problems(spec().addShares(STORE).addStoreOverlays(overlay().build())),
                "no volume or virtiofs share is mounted at /keep/over");
    }

    @Test
    void twoOverlaysDoNotShareAnUpperLayer() {
        VmSpec.Builder base = spec().addShares(STORE).addVolumes(volume(FileSystem.EXT4));
        for (String other : List.of("/keep/over", "/keep/over/store/deep", "/keep")) {
            StoreOverlay second = overlay().upper(other).mountPoint("/second").build();
            onlyProblem(
                    problems(VmSpec.builder()
                            .from(base.build())
                            .addStoreOverlays(overlay().build(), second)),
                    "storeOverlays[mountPoint=/second].upper: " + other + " and /keep/over, the upper layer of /merged",
                    "side by side");
        }
        assertThat(problems(VmSpec.builder()
                        .from(base.build())
                        .addStoreOverlays(
                                overlay().build(),
                                overlay()
                                        .upper("/keep/overall")
                                        .mountPoint("/second")
                                        .build())))
                .isEmpty();
    }

    @Test
    void whatIsBelowAnOverlayMustNotChange() {
        onlyProblem(
                problems(spec().addShares(NinePShare.of("store", FOLDER).mountedAt("/lower"))
                        .addStoreOverlays(overlay().upperLayer(UpperLayer.TMPFS).build())),
                "the share \"store\", on which /lower lies, is writable",
                "asReadOnly()");
    }

    @Test
    void volumesAreMountedOnceAndFoundByOneSerial() {
        onlyProblem(
                problems(spec().addShares(KEEPER).addVolumes(volume(FileSystem.EXT4))),
                "mount point = /keep is used more than once");
        onlyProblem(
                problems(spec().addVolumes(
                                Volume.builder()
                                        .image(Path.of("/a"))
                                        .serial("s")
                                        .build(),
                                Volume.builder()
                                        .image(Path.of("/b"))
                                        .serial("s")
                                        .build())),
                "serial = s is used more than once");
    }

    @Test
    void somebodyMustMountIt() {
        KernelBoot own = KernelBoot.builder().kernel(Path.of("/kernel")).build();
        VmSpec.Builder spec = VmSpec.builder()
                .boot(own)
                .addVolumes(volume(FileSystem.EXT4))
                .addPersistence(Persistence.at("/keep").directories("/a"));
        assertThat(problems(spec))
                .hasSize(2)
                .allMatch(text -> text.contains("nobody in the guest would mount"))
                .allMatch(text -> text.contains("mountsItself(true)"));
        assertThat(problems(spec.boot(
                        KernelBoot.builder().from(own).mountsItself(true).build())))
                .isEmpty();
    }
}
