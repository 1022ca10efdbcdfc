/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.spec.IdTranslation;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PersistentOwnersTest {
    @TempDir
    private Path folder;

    private List<String> problems(IdMap map, int caller, Persistence persistence) {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(VirtiofsShare.builder()
                        .from(VirtiofsShare.of("keep", folder).mountedAt("/keep"))
                        .idMap(map)
                        .build())
                .addPersistence(persistence)
                .build();
        return PersistentOwners.problems(spec, caller).stream()
                .map(Problem::toString)
                .toList();
    }

    private static Persistence of(int uid) {
        return Persistence.at("/keep").directories("git", "src").ofUser("dev", uid);
    }

    private static IdMap namespace(String... ranges) {
        return IdMap.namespace(Stream.of(ranges).map(IdRange::parse).toList(), List.of());
    }

    private static IdMap translating(String... rules) {
        return IdMap.translating(Stream.of(rules).map(IdTranslation::parse).toList(), List.of());
    }

    /** With :1000:caller:1: nothing was said of a user 1001, who could not write in his own folder. */
    @Test
    void aUserWhomTheMapShowsAsSomebodyElseIsAProblem() {
        assertThat(problems(namespace(":1000:caller:1:"), 1234, of(1001)))
                .singleElement()
                .asString()
                .contains(
                        "persistence[at=/keep].user",
                        "the share \"keep\" shows what this user (1234) makes as owned by the user 1000, so dev (1001)"
                                + " could not write there",
                        "mappingUser(1001)");
        assertThat(problems(namespace(":1000:caller:1:"), 1234, of(1000))).isEmpty();
        assertThat(problems(namespace(":0:100000:65536:"), 1234, of(1000)))
                .singleElement()
                .asString()
                .contains("makes as nobody's, so dev (1000)");
        assertThat(problems(translating("map:1000:1234:1"), 1234, of(1001))).hasSize(1);
        assertThat(problems(translating("map:1000:1234:1"), 1234, of(1000))).isEmpty();
        assertThat(problems(translating("map:1000:1234:1"), 0, of(1000)))
                .as("root makes it, and gives nothing away on such a share")
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        ":1000:caller:1:, 1000",
        ":1000:1234:1:, 1000",
        ":5:1230:10:, 9",
        ":5:1235:10:, -1",
        ":5:1224:10:, -1",
        "map:5:1230:10, 9",
        "host:1230:5:10, 9",
        "squash-host:0:7:5000, 7",
        "guest:1234:5:1, 1234",
        "squash-guest:1234:5:1, 1234",
        "forbid-guest:1234:1, 1234",
        "map:5:1235:10, 1234",
        "host:1224:5:10, 1234"
    })
    void itIsComputedAsWhomTheGuestSeesTheCaller(String rule, long shown) {
        IdMap map = rule.startsWith(":") ? namespace(rule) : translating(rule);
        assertThat(PersistentOwners.shown(map, 1234).orElse(-1)).isEqualTo(shown);
    }

    @Test
    void aNamespaceWithoutRangesLeavesTheCallersIdAsItIs() {
        assertThat(problems(namespace(), 1234, of(1234))).isEmpty();
        assertThat(problems(namespace(), 1234, of(1000))).hasSize(1);
    }

    @Test
    void nothingIsSaidOfWhatIsThereAlreadyAndOfUsersWhomOnlyTheGuestKnows() throws Exception {
        IdMap map = namespace(":1000:caller:1:");
        assertThat(problems(
                        map, 1234, Persistence.at("/keep").directories("git").ofUser("dev")))
                .isEmpty();
        assertThat(problems(map, 1234, Persistence.at("/keep").directories("/var/a")))
                .isEmpty();
        Files.createDirectories(folder.resolve("home/dev/git"));
        assertThat(problems(map, 1234, of(1001))).as("src is missing").hasSize(1);
        Files.createDirectories(folder.resolve("home/dev/src"));
        assertThat(problems(map, 1234, of(1001))).isEmpty();
    }
}
