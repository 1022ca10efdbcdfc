/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.nix.DatabaseFiles.Access;
import dev.microvm.nix.DatabaseFiles.Stat;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DatabaseFilesTest {
    private static final Instant THEN = Instant.ofEpochSecond(1_000_000);
    private static final Instant LATER = THEN.plusSeconds(60);

    @Test
    void atRestTheFileAloneIsRead() {
        assertThat(new DatabaseFiles(file(1, 4096), Stat.ABSENT, false, false).access(LATER))
                .isEqualTo(Access.IMMUTABLE);
        assertThat(new DatabaseFiles(file(1, 4096), file(2, 0), true, false).access(LATER))
                .as("Nix 2.22 and later keep an empty log")
                .isEqualTo(Access.IMMUTABLE);
    }

    @Test
    void commitsInTheLogAreReadThroughItsIndex() {
        assertThat(new DatabaseFiles(file(1, 4096), file(2, 8192), true, false).access(LATER))
                .isEqualTo(Access.SHARED);
    }

    @Test
    void halfOpenedOrHalfWrittenIsLookedAtAgain() {
        assertThat(new DatabaseFiles(file(1, 4096), file(2, 8192), false, false).access(LATER))
                .isEqualTo(Access.UNSETTLED);
        assertThat(new DatabaseFiles(file(1, 4096), Stat.ABSENT, false, true).access(LATER))
                .isEqualTo(Access.UNSETTLED);
        assertThat(new DatabaseFiles(file(1, 4096), Stat.ABSENT, false, false).access(THEN.plusMillis(3)))
                .as("a change within the clock's tick would not show")
                .isEqualTo(Access.UNSETTLED);
        assertThat(new DatabaseFiles(file(1, 4096), Stat.ABSENT, false, false).access(THEN.minusSeconds(3)))
                .as("a clock that was set back must not block for ever")
                .isEqualTo(Access.IMMUTABLE);
    }

    @Test
    void aReadOfTheFileAloneHoldsOnlyWhileNothingIsWritten() {
        DatabaseFiles before = new DatabaseFiles(file(1, 4096), Stat.ABSENT, false, false);
        assertThat(before.stillGoodFor(Access.IMMUTABLE, before)).isTrue();
        assertThat(before.stillGoodFor(Access.IMMUTABLE, new DatabaseFiles(file(1, 4096), file(2, 0), true, false)))
                .as("opened, nothing committed")
                .isTrue();
        assertThat(before.stillGoodFor(Access.IMMUTABLE, new DatabaseFiles(file(1, 4096), file(2, 9), true, false)))
                .isFalse();
        assertThat(before.stillGoodFor(Access.IMMUTABLE, new DatabaseFiles(file(1, 8192), Stat.ABSENT, false, false)))
                .isFalse();
        assertThat(before.stillGoodFor(Access.IMMUTABLE, new DatabaseFiles(file(3, 4096), Stat.ABSENT, false, false)))
                .isFalse();
        assertThat(before.stillGoodFor(Access.SHARED, new DatabaseFiles(file(3, 4096), Stat.ABSENT, false, false)))
                .as("another database in its place")
                .isFalse();
    }

    private static Stat file(long inode, long size) {
        FileTime time = FileTime.from(THEN);
        return new Stat(7, inode, size, time, time);
    }
}
