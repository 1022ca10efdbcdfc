/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespaceIdsTest {
    private static final CallerRights RIGHTS = new CallerRights(false, true, true, false);
    private static final Caller ME = new Caller(1001, 100, "me");

    @TempDir
    Path temp;

    private Path bin;

    @BeforeEach
    void helpers() throws IOException {
        bin = temp.resolve("bin");
        for (String program : List.of("newuidmap", "newgidmap")) {
            Path file = Scripts.write(bin.resolve(program), "exit 1");
            Files.setAttribute(file, "unix:mode", 04755);
        }
        Files.writeString(temp.resolve("subuid"), "me:100000:65536\n");
        Files.writeString(temp.resolve("subgid"), "1001:200000:65536\n");
    }

    private NamespaceIds of(IdMap map, Caller caller, CallerRights rights) throws InterruptedException {
        return NamespaceIds.of("ids", map, caller, rights, Map.of("PATH", bin.toString()), temp, true);
    }

    private List<String> problems(IdMap map) throws InterruptedException {
        return of(map, ME, RIGHTS).problems().stream().map(Problem::detail).toList();
    }

    @Test
    void makesTheCallerOneIdAndAllOthersSubordinateOnes() throws Exception {
        NamespaceIds ids = of(IdMap.subordinateAs(1000), ME, RIGHTS);

        assertThat(ids.arguments())
                .containsExactly(
                        "--uid-map=:0:100000:1000:",
                        "--uid-map=:1000:1001:1:",
                        "--uid-map=:1001:101000:64536:",
                        "--gid-map=:0:200000:1000:",
                        "--gid-map=:1000:100:1:",
                        "--gid-map=:1001:201000:64536:");
    }

    /** The seed's way: one own id needs neither a file nor a program. */
    @Test
    void mapsOneOwnIdWithoutHelp() throws Exception {
        Files.delete(temp.resolve("subuid"));
        Files.delete(bin.resolve("newuidmap"));
        IdMap map = IdMap.namespace(List.of(IdRange.parse(":1000:%U:1:")), List.of(IdRange.parse(":1000:100:1:")));

        assertThat(problems(map)).isEmpty();
        assertThat(of(map, ME, RIGHTS).arguments())
                .containsExactly("--uid-map=:1000:1001:1:", "--gid-map=:1000:100:1:");
    }

    @Test
    void wantsHelpEvenForThatWithADaemonBefore1point11() throws Exception {
        Files.delete(bin.resolve("newuidmap"));
        IdMap map = IdMap.namespace(List.of(IdRange.ofCaller(0)), List.of());

        assertThat(NamespaceIds.of("ids", map, ME, RIGHTS, Map.of("PATH", bin.toString()), temp, false)
                        .problems())
                .extracting(Problem::detail)
                .containsExactly("there is no newuidmap in PATH, which virtiofsd maps ids by");
    }

    @Test
    void saysWhatTheHostLacksForSubordinateIds() throws Exception {
        Files.writeString(temp.resolve("subuid"), "other:100000:65536\n");
        Files.delete(temp.resolve("subgid"));
        Files.delete(bin.resolve("newuidmap"));

        List<Problem> found = of(IdMap.subordinateAs(0), ME, RIGHTS).problems();

        assertThat(found)
                .extracting(Problem::detail)
                .containsExactly(
                        temp.resolve("subuid") + " gives user me (1001) no subordinate ids",
                        temp.resolve("subgid") + " gives user me (1001) no subordinate ids");
        assertThat(found.get(0).cure()).contains("usermod --add-subuids 100000-165535 me");
        assertThat(found.get(1).cure()).contains("usermod --add-subgids");
    }

    /** Such lines ended in an IllegalArgumentException out of the check. */
    @Test
    void whatLiesBeyondTheLastIdIsPassedOverAndMayLeaveNothing() throws Exception {
        Files.writeString(temp.resolve("subuid"), "me:5000000000:5\nme:4294967295:1\n");
        assertThat(problems(IdMap.subordinateAs(0)))
                .containsExactly(temp.resolve("subuid") + " gives user me (1001) no subordinate ids");

        Files.writeString(temp.resolve("subuid"), "me:4294967000:65536\n");
        assertThat(problems(IdMap.subordinateAs(0))).isEmpty();
    }

    /** Of a range given by hand newuidmap(1) asks only that one line holds it, whatever other lines say. */
    @Test
    void rangesGivenByHandAreLookedForInEachLineAsItStands() throws Exception {
        Files.writeString(temp.resolve("subuid"), "me:100000:100\nme:99990:1000\n");
        assertThat(problems(IdMap.namespace(List.of(IdRange.of(0, 99_995, 500)), List.of())))
                .isEmpty();
    }

    /** The kernel refused such a map, when the daemon was started. */
    @Test
    void linesThatOverlapGiveNoIdTwiceNorTheCallersOwn() throws Exception {
        Files.writeString(
                temp.resolve("subuid"),
                "me:100000:100\n1001:100000:100\nme:100050:100\nme:99990:20\nme:1000:3\nme:100020:10\n");

        assertThat(of(IdMap.subordinateAs(0), ME, RIGHTS).arguments())
                .filteredOn(argument -> argument.startsWith("--uid-map"))
                .containsExactly(
                        "--uid-map=:0:1001:1:",
                        "--uid-map=:1:100000:100:",
                        "--uid-map=:101:100100:50:",
                        "--uid-map=:151:99990:10:",
                        "--uid-map=:161:1000:1:",
                        "--uid-map=:162:1002:1:");
    }

    @Test
    void wantsTheHelpersToHaveTheRight() throws Exception {
        Files.delete(bin.resolve("newuidmap"));
        Files.setPosixFilePermissions(bin.resolve("newgidmap"), PosixFilePermissions.fromString("rwxr-xr-x"));

        List<String> found = problems(IdMap.subordinateAs(0));

        assertThat(found.get(0)).contains("there is no newuidmap in PATH");
        if (Files.isExecutable(Path.of("/usr/sbin/getcap"))) {
            assertThat(found.get(1)).contains("newgidmap is neither setuid root nor has it cap_setgid");
        }
    }

    @Test
    void refusesIdsThatAreNotTheCallers() throws Exception {
        assertThat(problems(IdMap.namespace(List.of(IdRange.of(0, 100_000, 65_536)), List.of())))
                .isEmpty();
        assertThat(problems(IdMap.namespace(List.of(IdRange.of(0, 100_000, 65_537)), List.of())))
                .containsExactly("the host's ids of :0:100000:65537: are not this user's own, nor given to me in "
                        + temp.resolve("subuid") + " (there: 100000:65536)");
        assertThat(problems(IdMap.namespace(List.of(IdRange.of(0, 0, 1)), List.of())))
                .hasSize(1);
    }

    @Test
    void knowsThatNoNewPrivilegesTakesTheHelpersTheirRight() throws Exception {
        CallerRights without = new CallerRights(false, true, true, true);

        assertThat(of(IdMap.subordinateAs(0), ME, without).problems())
                .extracting(Problem::detail)
                .containsExactly("newuidmap has no effect here: this JVM runs with no_new_privs");
        assertThat(of(IdMap.namespace(List.of(IdRange.ofCaller(0)), List.of()), ME, without)
                        .problems())
                .isEmpty();
    }

    @Test
    void looksAtNothingForOtherMapsAndForRoot() throws Exception {
        Files.delete(temp.resolve("subuid"));

        assertThat(problems(IdMap.CALLER)).isEmpty();
        assertThat(of(IdMap.subordinateAs(0), new Caller(0, 0, "root"), RIGHTS).problems())
                .isEmpty();
    }
}
