/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import dev.microvm.qmp.command.QueryJobs;
import dev.microvm.qmp.model.JobInfo;
import java.util.List;

/** The jobs of a QEMU: what goes on for a while, such as {@code blockdev-create} and {@code blockdev-mirror}. */
public final class QmpJobs {
    private final QmpClient client;

    QmpJobs(QmpClient client) {
        this.client = client;
    }

    /**
     * Returns the jobs there are, of whomever; see {@link QmpClient#execute(QmpCommand)} for limit and exceptions.
     *
     * @return what QEMU knows of each
     */
    public List<JobInfo> all() {
        return client.execute(QueryJobs.of());
    }

    /**
     * Begins to watch a job. Do so before it is started, or nothing is known of what it did before.
     *
     * @param id the job's id, which the command that starts it is given as {@code job-id}
     * @return the job; close it when it need not be watched any more
     */
    public QmpJob track(String id) {
        return new QmpJob(client, id);
    }
}
