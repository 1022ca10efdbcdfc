/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.error.Problem;
import dev.microvm.spec.MultiDevs;
import dev.microvm.spec.NinePCache;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.SecurityModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NinePExportTest {
    private static final int SOMEBODY = 4711;

    @TempDir
    Path temp;

    private NinePShare.Builder share() {
        return NinePShare.builder().tag("t").source(temp);
    }

    private static NinePExport export(NinePShare.Builder share, int qemuUid, int callerUid) {
        return new NinePExport(share.build(), qemuUid, callerUid, Path.of("/proc/self/mountinfo"));
    }

    private static List<String> subjects(NinePExport export) {
        return export.problems().stream().map(Problem::subject).toList();
    }

    @ParameterizedTest
    @EnumSource
    void findsNothingWrongWithTheCallersOwnFolder(SecurityModel model) throws Exception {
        assumeTrue(model != SecurityModel.PASSTHROUGH || Caller.current().isRoot(), "root's");
        assumeTrue(model != SecurityModel.MAPPED_XATTR || UserAttributes.areKeptBy(temp), "has attributes");

        assertThat(NinePExport.of(share().securityModel(model).build()).problems())
                .isEmpty();
    }

    @Test
    void passthroughNeedsAQemuThatIsRoot() {
        NinePShare.Builder share = share().securityModel(SecurityModel.PASSTHROUGH);

        assertThat(subjects(export(share, SOMEBODY, SOMEBODY)))
                .containsExactly("shares[tag=t].securityModel = PASSTHROUGH");
        assertThat(subjects(export(share, 0, 0))).isEmpty();
        assertThat(subjects(export(share.readOnly(true), SOMEBODY, SOMEBODY)))
                .as("nothing is given away where nothing is written")
                .isEmpty();
    }

    @Test
    void mappedXattrNeedsAFileSystemThatKeepsThem() {
        assertThat(UserAttributes.areKeptBy(Path.of("/proc/self"))).isFalse();
        NinePShare.Builder inProc = NinePShare.builder()
                .tag("t")
                .source(Path.of("/proc/self"))
                .readOnly(true)
                .securityModel(SecurityModel.MAPPED_XATTR);

        assertThat(export(inProc, 1, 1).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.subject()).isEqualTo("shares[tag=t].securityModel = MAPPED_XATTR");
            assertThat(problem.cure()).contains("MAPPED_FILE");
        });
    }

    @Test
    void sourceMustBeAFolderThatIsThere() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "");
        NinePShare.Builder share = NinePShare.builder().tag("t");

        assertThat(NinePExport.of(share.source(temp.resolve("no")).build()).problems())
                .extracting(Problem::detail)
                .containsExactly(temp.resolve("no") + " does not exist");
        assertThat(NinePExport.of(share.source(file).build()).problems())
                .extracting(Problem::detail)
                .containsExactly(file + " is not a folder");
    }

    /** Asked as that user: the mode bits alone do not tell. */
    @Test
    void anotherUsersRightsAreTried() throws Exception {
        assumeTrue(Caller.current().isRoot(), "only root can be somebody else");
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path folder = Files.createDirectory(temp.resolve("a b'c"));
        NinePShare.Builder share = NinePShare.builder().tag("t").source(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(NinePExport.of(share.build()).servedBy(SOMEBODY).problems()).isEmpty();

        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(subjects(NinePExport.of(share.build()).servedBy(SOMEBODY))).containsExactly("shares[tag=t].source");
        assertThat(NinePExport.of(share.build()).servedBy(0).problems()).isEmpty();
        assertThat(NinePExport.of(share.readOnly(true).build())
                        .servedBy(SOMEBODY)
                        .problems())
                .isEmpty();

        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx------"));
        assertThat(NinePExport.of(share.build()).servedBy(SOMEBODY).problems())
                .extracting(Problem::detail)
                .containsExactly(
                        "QEMU's user " + SOMEBODY + " may not read " + folder + ", or not enter a folder above it");
    }

    @Test
    void tellsWhatIsNotCoherentOrSlow() {
        assertThat(export(share().cache(NinePCache.LOOSE), 1, 1).notes())
                .singleElement()
                .asString()
                .startsWith("cache LOOSE is not coherent");
        assertThat(export(share().msize(8192), 1, 1).notes())
                .singleElement()
                .asString()
                .contains("8192 bytes are slow");
        assertThat(export(share().msize(8193), 1, 1).notes()).isEmpty();
    }

    @Test
    void tellsWhoseFilesTheGuestWrites() {
        assertThat(export(share(), 65_534, 0).notes())
                .singleElement()
                .asString()
                .contains("belongs to QEMU's user 65534 on the host");
        assertThat(export(share().readOnly(true), 65_534, 0).notes()).isEmpty();
        assertThat(export(share(), 1000, 1000).notes()).isEmpty();
        assertThat(export(share().securityModel(SecurityModel.PASSTHROUGH), 0, 0)
                        .notes())
                .singleElement()
                .asString()
                .contains("set-user-ID", "device nodes");
        assertThat(export(share().securityModel(SecurityModel.MAPPED_FILE), 1, 1)
                        .notes())
                .singleElement()
                .asString()
                .contains(".virtfs_metadata");
    }

    @Test
    void tellsOfOtherFileSystemsWithinTheFolder() throws Exception {
        Path real = temp.toRealPath();
        Path mounts = Files.writeString(
                temp.resolve("mounts"),
                "1 2 0:1 / / rw - ext4 /dev/a rw\n"
                        + "3 1 0:2 / " + real + " rw - tmpfs x rw\n"
                        + "4 1 0:3 / " + real + "/in\\040side rw - tmpfs x rw\n"
                        + "5 1 0:4 / " + real + "-beside rw - tmpfs x rw\n"
                        + "6 1 0:5 / " + real + "/second rw - tmpfs x rw\n");

        assertThat(MountsBelow.of(temp, mounts)).containsExactly(real.resolve("in side"), real.resolve("second"));
        assertThat(MountsBelow.of(temp, temp.resolve("none"))).isEmpty();
        assertThat(new NinePExport(share().multidevs(MultiDevs.FORBID).build(), 1, 1, mounts).notes())
                .singleElement()
                .asString()
                .contains("in side and 1 more", "cannot reach them");
        assertThat(new NinePExport(share().multidevs(MultiDevs.WARN).build(), 1, 1, mounts).notes())
                .singleElement()
                .asString()
                .contains("different files for one");
        assertThat(new NinePExport(share().build(), 1, 1, mounts).notes()).isEmpty();
    }

    @Test
    void mountsAsTheShareSays() {
        assertThat(NinePExport.of(share().build()).mountOptions())
                .isEqualTo(share().build().mountOptions());
    }

    /** The folder itself is looked at in every preflight: told here too it would be told twice. */
    @Test
    void serviceLeavesTheFolderToThePreflight() {
        NinePShare share = NinePShare.builder()
                .tag("t")
                .source(temp.resolve("no"))
                .securityModel(SecurityModel.PASSTHROUGH)
                .build();
        NinePService service = new NinePService(NinePExport.of(share).servedBy(SOMEBODY));

        assertThat(service.name()).isEqualTo("9p t");
        assertThat(service.check())
                .extracting(Problem::subject)
                .containsExactly("shares[tag=t].securityModel = PASSTHROUGH");
        assertThat(service.choices()).isNotEmpty();
    }
}
