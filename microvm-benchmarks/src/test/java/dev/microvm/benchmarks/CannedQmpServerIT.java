/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.QmpUnsupportedException;
import dev.microvm.qmp.TransportKind;
import dev.microvm.qmp.command.QueryStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link QmpBenchmark} measures with, at its server that costs nothing; the measuring itself takes a quiet machine. */
class CannedQmpServerIT {
    @TempDir
    private Path folder;

    private QmpTarget server;

    @BeforeEach
    void start() throws IOException {
        // The test runner's own class path is one jar that names the others.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        server = QmpTarget.canned(new FreshJvm(classPath, List.of("-XX:TieredStopAtLevel=1")), folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void tellsWhatBytesOurClientSends() {
        try (QmpClient client = QmpClient.connect(server.socket(), QmpOptions.defaults())) {
            assertThat(client.execute(QueryStatus.of()).status().value()).isEqualTo("prelaunch");
            assertThat(client.executeRaw("x-previous"))
                    .isEqualTo(new JsonValue.Str("{\"execute\":\"query-status\",\"id\":0}"));
            assertThatThrownBy(() -> client.executeRaw("x-none")).isInstanceOf(QmpUnsupportedException.class);
        }
    }

    @Test
    void everyContestantIsMeasuredInEveryRoundButTheFirstThatWarmsUp() throws IOException {
        QmpComparison comparison =
                new QmpComparison(server, "{\"execute\":\"query-status\",\"id\":0}", Optional.empty());

        comparison.round(0, 20, false);
        comparison.round(1, 20, true);

        assertThat(comparison.timings())
                .containsOnlyKeys(
                        "floor, JDK",
                        "execute, JDK",
                        "submit at depth 8, JDK",
                        "floor, junixsocket",
                        "execute, junixsocket",
                        "submit at depth 8, junixsocket");
        assertThat(comparison.timings().values()).allSatisfy(timings -> {
            assertThat(timings.blocks()).isOne();
            assertThat(timings.at(0)).isPositive();
        });
    }

    @Test
    void everyEventIsCounted() {
        QmpEventRate rate = QmpEventRate.measure(TransportKind.JDK, server.socket(), 500, 1000);

        assertThat(rate.sent()).isEqualTo(500);
        assertThat(rate.taken() + rate.lost()).isEqualTo(500);
        // As fast as they can be sent they would be a hundred times as many; on a busy machine they may be fewer.
        assertThat(rate.perSecond()).isLessThan(2000);
    }
}
