/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.error.Problem;
import dev.microvm.spec.DaemonDeath;
import dev.microvm.spi.HostService;
import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ServiceDeathsTest {
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private final CompletableFuture<Integer> qemuExit = new CompletableFuture<>();
    private final ServiceDeaths deaths = new ServiceDeaths(gone, new Phases(VmListener.NONE));

    /** A service that does nothing but have a policy. */
    private record Service(DaemonDeath onDeath) implements HostService {
        @Override
        public String name() {
            return "service";
        }

        @Override
        public List<Problem> check() {
            return List.of();
        }

        @Override
        public void start(Duration limit) {}

        @Override
        public List<String> stderrTail() {
            return List.of("oh");
        }

        @Override
        public String deathHint() {
            return "feed it";
        }

        @Override
        public void close() {}
    }

    /** A QEMU of which nothing but its end matters. */
    private record Qemu(CompletableFuture<Integer> ending) implements SupervisedProcess {
        @Override
        public String name() {
            return "qemu";
        }

        @Override
        public long pid() {
            return 1;
        }

        @Override
        public Path stderrFile() {
            return Path.of("/nowhere");
        }

        @Override
        public List<String> stderrTail() {
            return List.of();
        }

        @Override
        public CompletionStage<Integer> exit() {
            return ending;
        }

        @Override
        public boolean isAlive() {
            return !ending.isDone();
        }

        @Override
        public void stop(Duration grace) {}
    }

    @Test
    void failsTheVmWithTheServicesWords() {
        deaths.qemuRuns(new Qemu(qemuExit));
        deaths.vmIsReady();

        deaths.died(new Service(DaemonDeath.FAIL_VM), "code 1");

        assertThat(gone).isCompletedWithValue("service died: code 1");
        assertThat(deaths.lastWords()).containsExactly("(service) oh");
        assertThat(deaths.hint()).isEqualTo("feed it");
        assertThat(deaths.frozen()).isEmpty();
    }

    @Test
    void blamesNoServiceForTheEndOfItsQemu() {
        deaths.qemuRuns(new Qemu(qemuExit));
        qemuExit.complete(0);

        deaths.died(new Service(DaemonDeath.FAIL_VM), "code 0");

        assertThat(gone).isNotDone();
        assertThat(deaths.hint()).isEmpty();
    }

    @Test
    void failsAStartThatWouldOtherwiseWaitForAFrozenVm() {
        deaths.qemuRuns(new Qemu(qemuExit));

        deaths.died(new Service(DaemonDeath.FREEZE_VM), "code 1");

        assertThat(gone).isCompletedWithValue("service died: code 1");
    }

    @Test
    void failsAVmThatCannotBeFrozen() {
        deaths.qemuRuns(new Qemu(qemuExit));
        deaths.vmIsReady();

        deaths.died(new Service(DaemonDeath.FREEZE_VM), "code 1"); // there is no monitor to ask

        assertThat(gone).isCompletedWithValue("service died: code 1");
        assertThat(deaths.frozen()).isEmpty();
    }
}
