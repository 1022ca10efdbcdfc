/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.model.JobInfo;
import dev.microvm.qmp.model.JobStatus;
import dev.microvm.qmp.model.JobType;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is known of a job, in whatever order events and replies come. */
class QmpJobTest extends AbstractSessionTest {
    private volatile String jobs = "";

    @Override
    TransportKind transport() {
        return TransportKind.AUTO;
    }

    private QmpClient connectToJobs() {
        server.on("query-jobs").answer(request -> request.reply(JsonValue.parse("[" + jobs + "]")));
        for (String command : new String[] {"job-cancel", "job-complete", "job-finalize", "job-dismiss"}) {
            server.on(command).reply();
        }
        server.on("start").reply();
        return connect();
    }

    private static String job(String id, String status, String more) {
        return "{\"id\":\"" + id + "\",\"type\":\"create\",\"status\":\"" + status
                + "\",\"current-progress\":1,\"total-progress\":2" + more + "}";
    }

    private void become(String... statuses) {
        for (String status : statuses) {
            server.emit("JOB_STATUS_CHANGE", JsonValue.Obj.EMPTY.with("id", "j").with("status", status));
        }
    }

    @Test
    void concludesByEvents() {
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            server.on("start")
                    .reply()
                    .answer(request -> become("created", "running", "waiting", "pending", "concluded"));
            client.executeRaw("start");
            job.awaitConcluded(LONG);
            job.dismiss();
            assertThat(server.received())
                    .last()
                    .asString()
                    .contains("job-dismiss")
                    .contains("\"id\":\"j\"");
        }
    }

    @Test
    void waitsForAJobThatIsNotStartedYet() throws Exception {
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(
                    () -> job.await(JobStatus.READY, LONG), task -> new Thread(task).start());
            awaitRequest("query-jobs");
            server.emit("JOB_STATUS_CHANGE", JsonValue.parse("{\"id\":\"other\",\"status\":\"ready\"}"));
            become("created", "running");
            assertThat(waiting).isNotDone();
            become("ready");
            get(waiting);
        }
    }

    /** The reply knows nothing of it, and the first events are there already when the reply is looked at. */
    @Test
    void takesAJobThatStartsDuringTheQueryNotForGone() {
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            server.on("query-jobs").answer(request -> {
                become("created", "running");
                request.reply(JsonValue.parse("[]"));
                become("ready");
            });
            job.await(JobStatus.READY, LONG);
        }
    }

    @Test
    void seesWhatHappenedBeforeItWatched() {
        jobs = job("other", "running", "") + "," + job("j", "concluded", "");
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            job.awaitConcluded(LONG);
            assertThat(job.info()).contains(new JobInfo("j", JobType.CREATE, JobStatus.CONCLUDED, 1, 2, null));
            assertThat(client.jobs().all()).hasSize(2);
        }
    }

    @Test
    void tellsTheErrorOfTheJob() {
        jobs = job("j", "concluded", ",\"error\":\"No space left\"");
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            assertThatThrownBy(() -> job.awaitConcluded(LONG)).isInstanceOfSatisfying(QmpJobException.class, e -> {
                assertThat(e.job()).isEqualTo("j");
                assertThat(e.error()).isEqualTo("No space left");
                assertThat(e).hasMessage("the job 'j' failed: No space left");
            });
        }
    }

    /** Its error must be asked for after the event: the reply before knew nothing of it. */
    @Test
    void asksForTheErrorOfAJobThatFailsWhileItIsWaitedFor() {
        jobs = job("j", "running", "");
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            server.on("query-jobs").answer(request -> {
                request.reply(JsonValue.parse("[" + jobs + "]"));
                if (jobs.contains("running")) {
                    jobs = job("j", "concluded", ",\"error\":\"broken\"");
                    become("aborting", "concluded");
                }
            });
            assertThatThrownBy(() -> job.awaitConcluded(LONG)).hasMessage("the job 'j' failed: broken");
        }
    }

    @Test
    void knowsTheEndOfAJobThatDismissesItself() {
        try (QmpClient client = connectToJobs();
                QmpJob good = client.jobs().track("j")) {
            become("created", "running", "concluded", "null");
            good.awaitConcluded(LONG);
            good.awaitConcluded(LONG);
        }
    }

    @Test
    void knowsTheErrorOfABlockJobThatDismissesItself() {
        try (QmpClient client = connectToJobs();
                QmpJob bad = client.jobs().track("j")) {
            become("created", "running", "aborting");
            server.emit(
                    "BLOCK_JOB_COMPLETED",
                    JsonValue.parse(
                            "{\"device\":\"j\",\"type\":\"mirror\",\"len\":1,\"offset\":0,\"speed\":0,\"error\":\"EIO\"}"));
            become("concluded", "null");
            assertThatThrownBy(() -> bad.awaitConcluded(LONG)).hasMessage("the job 'j' failed: EIO");
        }
    }

    @Test
    void knowsThatAJobFailedWhoseErrorIsGone() {
        try (QmpClient client = connectToJobs();
                QmpJob bad = client.jobs().track("j")) {
            become("created", "running", "aborting", "concluded", "null");
            assertThatThrownBy(() -> bad.awaitConcluded(LONG))
                    .isInstanceOf(QmpJobException.class)
                    .hasMessage("the job 'j' failed");
        }
    }

    @Test
    void failsAtOnceWhenTheStatusCannotComeAnyMore() {
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            become("created", "running", "concluded");
            job.await(JobStatus.RUNNING, LONG);
            assertThatThrownBy(() -> job.await(JobStatus.READY, LONG))
                    .isInstanceOf(QmpJobException.class)
                    .hasMessageContaining("'j' has concluded and cannot become ready");
            job.awaitConcluded(LONG);
        }
    }

    @Test
    void takesAJobThatIsGoneForConcluded() {
        jobs = job("j", "running", "");
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            job.await(JobStatus.RUNNING, LONG);
            jobs = "";
            job.awaitConcluded(LONG);
            assertThatThrownBy(() -> job.await(JobStatus.RUNNING, LONG)).isInstanceOf(QmpJobException.class);
        }
    }

    /** Else the second of two pauses would be taken for done when the first one's event is found. */
    @Test
    void takesNoOldEventForANewOne() {
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            become("created", "running", "paused");
            jobs = job("j", "paused", "");
            job.await(JobStatus.PAUSED, LONG);
            jobs = job("j", "running", "");
            job.await(JobStatus.RUNNING, LONG);
            assertThatThrownBy(() -> job.await(JobStatus.PAUSED, SHORT))
                    .isInstanceOf(QmpTimeoutException.class)
                    .hasMessageContaining("'j' did not become paused within PT0.03S")
                    .hasMessageContaining("running");
        }
    }

    @Test
    void failsWhenTheConnectionEnds() {
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            server.on("query-jobs").answer(request -> {
                request.reply(JsonValue.parse("[]"));
                server.dropConnection();
            });
            assertThatThrownBy(() -> job.awaitConcluded(LONG)).isInstanceOf(QmpClosedException.class);
        }
    }

    @Test
    void sendsTheVerbsOfJobs() {
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            job.complete();
            job.finalizeJob();
            job.cancel();
            assertThat(server.received().stream().skip(1))
                    .containsExactly(
                            "{\"execute\":\"job-complete\",\"arguments\":{\"id\":\"j\"},\"id\":0}",
                            "{\"execute\":\"job-finalize\",\"arguments\":{\"id\":\"j\"},\"id\":0}",
                            "{\"execute\":\"job-cancel\",\"arguments\":{\"id\":\"j\"},\"id\":0}");
            assertThat(client.commands()).isSameAs(client.commands());
            client.commands().jobDismiss("j");
            assertThat(server.received()).last().asString().contains("job-dismiss");
        }
    }

    /** Why it failed cannot be asked for any more; that it failed is known. */
    @Test
    void failsAJobThatFailedJustAtTheLimit() {
        jobs = job("j", "running", "");
        try (QmpClient client = connectToJobs();
                QmpJob job = client.jobs().track("j")) {
            server.on("query-jobs").answer(request -> {
                if (jobs.contains("running")) {
                    request.reply(JsonValue.parse("[" + jobs + "]"));
                    jobs = "";
                    become("aborting", "concluded");
                }
            });
            assertThatThrownBy(() -> job.awaitConcluded(SHORT.multipliedBy(20)))
                    .isInstanceOf(QmpJobException.class)
                    .hasMessageStartingWith("the job 'j' failed");
        }
    }
}
