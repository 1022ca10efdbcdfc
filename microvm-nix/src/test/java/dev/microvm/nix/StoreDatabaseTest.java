/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.error.VmCancelledException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.jdbc4.JDBC4Connection;

class StoreDatabaseTest {
    private static final String A = DumpRecord.samplePath('a', "one");
    private static final String B = DumpRecord.samplePath('b', "two");

    @TempDir
    Path folder;

    private SampleStore sample;
    private StoreDatabase database;

    @BeforeEach
    void makeStore() throws Exception {
        sample = SampleStore.create(folder.resolve("store ?#%&=é"));
        sample.register(List.of(DumpRecord.sample('b', "two", A, B), DumpRecord.sample('a', "one")));
        database = sample.database();
    }

    @Test
    void answersWhatIsValidAndWhatRefersToWhat() {
        assertThat(database.paths()).isEqualTo(2);
        assertThat(database.isValid(A)).isTrue();
        assertThat(database.isValid(DumpRecord.samplePath('c', "three"))).isFalse();
        assertThat(database.references(B)).containsExactly(A, B);
        assertThat(database.references(A)).isEmpty();
    }

    @Test
    void leavesNoFileBesideTheDatabaseAndChangesNone() throws Exception {
        Map<String, String> before = SampleStore.files(database);
        database.token();
        StoreDump.of(database);
        database.references(B);
        assertThat(SampleStore.files(database)).isEqualTo(before).containsOnlyKeys("db.sqlite", "schema");
    }

    @Test
    void seesACommitThatStandsOnlyInTheWriteAheadLog() throws Exception {
        Object modified = Files.getLastModifiedTime(database.file());
        try (Connection writer = sample.writer()) {
            SampleStore.insert(writer, List.of(DumpRecord.sample('c', "three", A)));
            assertThat(Files.getLastModifiedTime(database.file())).isEqualTo(modified);
            assertThat(DumpRecord.of(StoreDump.of(database)))
                    .extracting(DumpRecord::path)
                    .hasSize(3);
            assertThat(database.references(DumpRecord.samplePath('c', "three"))).containsExactly(A);
        }
        assertThat(SampleStore.files(database)).containsOnlyKeys("db.sqlite", "schema");
    }

    @Test
    void doesNotSeeWhatIsNotCommitted() throws Exception {
        try (Connection writer = sample.writer()) {
            writer.setAutoCommit(false);
            SampleStore.insert(writer, List.of(DumpRecord.sample('c', "three", A)));
            assertThat(database.paths()).isEqualTo(2);
            writer.commit();
            assertThat(database.paths()).isEqualTo(3);
        }
    }

    @Test
    void tokenChangesWithEachAdditionAndRemovalAndOnlyThen() throws Exception {
        StoreToken first = database.token();
        assertThat(database.token()).isEqualTo(first);
        sample.register(List.of(DumpRecord.sample('c', "three")));
        StoreToken added = database.token();
        assertThat(added).isNotEqualTo(first);
        sample.execute("DELETE FROM ValidPaths WHERE path = '" + DumpRecord.samplePath('c', "three") + "'");
        StoreToken removed = database.token();
        assertThat(removed).isNotIn(first, added);
        sample.register(List.of(DumpRecord.sample('c', "three")));
        assertThat(database.token())
                .as("the same path again, under a new number")
                .isNotIn(first, added, removed);
    }

    @Test
    void refusesALayoutItDoesNotKnow() throws Exception {
        Files.writeString(database.file().resolveSibling("schema"), "11");
        assertThatThrownBy(database::token)
                .isInstanceOf(NixException.class)
                .hasMessageContaining("has schema 11, not 10");
    }

    @Test
    void namesWhatIsMissing() throws Exception {
        assertThatThrownBy(() ->
                        NixStore.privateStore(folder.resolve("none")).database().paths())
                .isInstanceOf(NixException.class)
                .hasMessageContaining("no Nix database")
                .hasMessageContaining("hint:");
        Files.delete(database.file());
        assertThatThrownBy(database::token).isInstanceOf(NixException.class).hasMessageContaining("db.sqlite");
    }

    @Test
    void givesUpWithWhatItSawWhenAWriterNeverSettles() throws Exception {
        Files.writeString(database.file().resolveSibling("db.sqlite-journal"), "hot");
        StoreDatabase impatient = database.withLimit(Duration.ofMillis(50));
        assertThatThrownBy(impatient::token)
                .isInstanceOf(NixException.class)
                .hasMessageContaining("no quiet moment within 50 ms")
                .hasMessageContaining("journal=true");
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        Files.writeString(database.file().resolveSibling("db.sqlite-journal"), "hot");
        Thread.currentThread().interrupt();
        assertThatThrownBy(database::token).isInstanceOf(VmCancelledException.class);
        assertThat(Thread.interrupted()).as("the flag is set again").isTrue();
    }

    @Test
    void refusesAHashThatADumpCannotCarry() throws Exception {
        sample.execute("UPDATE ValidPaths SET hash = 'md5:0' WHERE path = '" + A + "'");
        assertThatThrownBy(() -> StoreDump.of(database)).hasMessageContaining("hash of " + A + " is md5:0");
    }

    @Test
    void refusesWhatIsNoStorePath() {
        for (String bad : List.of("", "--help", "/nix/store", "/nix/store/x", A + "/bin", A + "\n", "/etc/passwd")) {
            assertThatThrownBy(() -> database.isValid(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void removesALogOfItsOwnMaking() throws Exception {
        Map<String, String> before = SampleStore.files(database);
        Files.createFile(database.file().resolveSibling("db.sqlite-wal"));
        DatabaseReader.removeEmptyLog(database.file());
        assertThat(SampleStore.files(database)).isEqualTo(before);
    }

    @Test
    void runsSqliteAsANamedModule() {
        assertThat(StoreDatabase.class.getModule().isNamed()).isTrue();
        assertThat(JDBC4Connection.class.getModule().getName()).isEqualTo("org.xerial.sqlitejdbc");
    }
}
