/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.command.JobCancel;
import dev.microvm.qmp.command.JobComplete;
import dev.microvm.qmp.command.JobDismiss;
import dev.microvm.qmp.command.JobFinalize;
import dev.microvm.qmp.command.QueryJobs;
import dev.microvm.qmp.event.BlockJobCompletedEvent;
import dev.microvm.qmp.event.JobStatusChangeEvent;
import dev.microvm.qmp.internal.transport.Limit;
import dev.microvm.qmp.model.JobInfo;
import dev.microvm.qmp.model.JobStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A job that is watched: {@code try (QmpJob job = qmp.jobs().track("copy")) { qmp.execute(...); job.awaitConcluded(limit); job.dismiss(); }}
 *
 * <p>What happens to it is known from events, and {@code query-jobs} tells what may have happened before. A job with {@code auto-dismiss},
 * the default of most block jobs, is gone as soon as it has concluded; that is no failure. To be used by one thread at a time.
 */
public final class QmpJob implements AutoCloseable {
    private final QmpClient client;
    private final String id;
    private final EventSubscription<JsonValue.Obj> events;
    private boolean seen;
    private boolean aborted;
    private boolean concluded;
    private String error = "";

    QmpJob(QmpClient client, String id) {
        this.client = client;
        this.id = id;
        this.events = client.subscribe("change of the job '" + id + "'", this::isAboutThis);
    }

    private boolean isAboutThis(QmpEvent<JsonValue.Obj> event) {
        String member = event.name().equals(JobStatusChangeEvent.TYPE.name())
                ? "id"
                : event.name().equals(BlockJobCompletedEvent.TYPE.name()) ? "device" : "";
        return event.data().find(member).equals(Optional.of(new JsonValue.Str(id)));
    }

    /**
     * Returns the job.
     *
     * @return its id
     */
    public String id() {
        return id;
    }

    /**
     * Asks QEMU for the job; see {@link QmpClient#execute(QmpCommand)} for limit and exceptions.
     *
     * @return its status, progress and error; empty if it was not started or is dismissed
     */
    public Optional<JobInfo> info() {
        return ownOf(client.execute(QueryJobs.of()));
    }

    private Optional<JobInfo> ownOf(List<JobInfo> jobs) {
        return jobs.stream().filter(job -> job.id().equals(id)).findFirst();
    }

    /**
     * Waits until the job is in a status, or has been since the last wait that succeeded. A job that was not started yet is waited for.
     *
     * @param status what to wait for, such as {@link JobStatus#READY} or {@link JobStatus#PENDING}
     * @param limit how long to wait at most
     * @throws QmpJobException at once when the job has concluded or is gone without having come to the status
     * @throws QmpTimeoutException if it did not within the limit
     * @throws QmpClosedException if the connection is or gets closed
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws QmpErrorException if QEMU refuses {@code query-jobs}
     * @throws QmpUnsupportedException if this QEMU does not know {@code query-jobs}
     * @throws QmpProtocolException if a reply or an event has not the expected form
     * @throws IllegalStateException if this is closed
     */
    public void await(JobStatus status, Duration limit) {
        long deadline = System.nanoTime() + Limit.nanos(limit);
        List<JobStatus> past = new ArrayList<>();
        noteAllReported(past);
        boolean existed = seen;
        Optional<JobInfo> now = ownOf(client.execute(QueryJobs.of(), limit));
        now.ifPresent(this::note);
        // Most of this happened before the reply, whose word is newer; but a job may also have been started since.
        noteAllReported(past);
        boolean reached = past.contains(status)
                || now.filter(job -> job.status().equals(status)).isPresent()
                || isSettled(status, now.isEmpty() && existed);
        while (!reached) {
            Optional<JobStatus> changed;
            try {
                changed = note(events.await(Connecting.left(deadline)));
            } catch (QmpTimeoutException e) {
                throw new QmpTimeoutException(
                        "the job '" + id + "' did not become " + status + " within " + limit + "; "
                                + (now.isPresent() ? "it was " + now.get() + " at first" : "it was not there at first"),
                        e);
            }
            reached = changed.equals(Optional.of(status)) || isSettled(status, false);
        }
    }

    /**
     * Waits until the job has concluded, and tells whether it succeeded. If it has not {@code auto-dismiss}, it is to be dismissed then.
     *
     * @param limit how long to wait at most
     * @throws QmpJobException if the job failed or was cancelled, with its error; without, if the limit ends before QEMU tells it
     * @throws QmpTimeoutException if it did not conclude within the limit
     * @throws QmpClosedException if the connection is or gets closed
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws QmpErrorException if QEMU refuses {@code query-jobs}
     * @throws QmpUnsupportedException if this QEMU does not know {@code query-jobs}
     * @throws QmpProtocolException if a reply or an event has not the expected form
     * @throws IllegalStateException if this is closed
     */
    public void awaitConcluded(Duration limit) {
        long deadline = System.nanoTime() + Limit.nanos(limit);
        if (!concluded) {
            await(JobStatus.CONCLUDED, limit);
        }
        if (aborted && error.isEmpty()) {
            try {
                // Only the job itself knows, if it is still there.
                ownOf(client.execute(QueryJobs.of(), Connecting.left(deadline))).ifPresent(this::note);
            } catch (QmpTimeoutException e) {
                QmpJobException failed = new QmpJobException(id, "failed, and did not tell why within " + limit, "");
                failed.addSuppressed(e);
                throw failed;
            }
        }
        if (aborted || !error.isEmpty()) {
            throw new QmpJobException(id, "failed", error);
        }
    }

    private void noteAllReported(List<JobStatus> statuses) {
        for (var event = events.poll(); event.isPresent(); event = events.poll()) {
            note(event.get()).ifPresent(statuses::add);
        }
    }

    private Optional<JobStatus> note(QmpEvent<JsonValue.Obj> event) {
        if (event.name().equals(BlockJobCompletedEvent.TYPE.name())) {
            event.data().find("error").ifPresent(words -> error = event.data().string("error"));
            return Optional.empty();
        }
        JobStatus status = event.as(JobStatusChangeEvent.TYPE).data().status();
        note(status);
        return Optional.of(status);
    }

    private void note(JobInfo job) {
        note(job.status());
        String words = job.error();
        if (words != null) {
            error = words;
        }
    }

    private void note(JobStatus status) {
        seen = true;
        aborted |= status.equals(JobStatus.ABORTING);
        concluded |= status.equals(JobStatus.CONCLUDED) || status.equals(JobStatus.NULL);
    }

    /** Tells whether the job is past a status that is an end; fails where it can come to no other one any more. */
    private boolean isSettled(JobStatus status, boolean gone) {
        concluded |= gone;
        if (!concluded || status.equals(JobStatus.CONCLUDED)) {
            return concluded;
        }
        if (!status.equals(JobStatus.NULL)) {
            throw new QmpJobException(id, "has concluded and cannot become " + status + " any more", error);
        }
        return gone;
    }

    /** Cancels the job, as {@code job-cancel}; see {@link QmpClient#execute(QmpCommand)} for limit and exceptions. */
    public void cancel() {
        client.execute(JobCancel.of(id));
    }

    /**
     * Lets a job end that is {@link JobStatus#READY}, as {@code job-complete}; see {@link QmpClient#execute(QmpCommand)} for limit and
     * exceptions.
     */
    public void complete() {
        client.execute(JobComplete.of(id));
    }

    /**
     * Lets a job without {@code auto-finalize} conclude that is {@link JobStatus#PENDING}, as {@code job-finalize}; see
     * {@link QmpClient#execute(QmpCommand)} for limit and exceptions. Not named {@code finalize}, for that means something in Java.
     */
    public void finalizeJob() {
        client.execute(JobFinalize.of(id));
    }

    /**
     * Lets QEMU forget the job, which must have concluded, as {@code job-dismiss}; see {@link QmpClient#execute(QmpCommand)} for limit and
     * exceptions.
     */
    public void dismiss() {
        client.execute(JobDismiss.of(id));
    }

    /** Ends the watching; the job goes on. */
    @Override
    public void close() {
        events.close();
    }

    @Override
    public String toString() {
        return "QmpJob[" + id + "]";
    }
}
