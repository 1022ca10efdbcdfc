/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.qmp.model.JobStatus;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs of a real QEMU, from start to dismiss. */
class QmpJobIT extends AbstractReleasesIT {

    private void create(QmpClient client, String file, long size) {
        client.execute(raw(
                "blockdev-create",
                "{\"job-id\":\"create\",\"options\":{\"driver\":\"file\",\"filename\":\"" + folder.resolve(file)
                        + "\",\"size\":" + size + "}}"));
    }

    /** Two nodes, and a mirror from one to the other that copies 64 KiB/s of 16 MiB. */
    private static void mirror(QmpClient client, String more) {
        client.execute(raw("blockdev-add", "{\"driver\":\"null-co\",\"node-name\":\"from\",\"size\":16777216}"));
        client.execute(raw("blockdev-add", "{\"driver\":\"null-co\",\"node-name\":\"to\",\"size\":16777216}"));
        client.execute(raw(
                "blockdev-mirror",
                "{\"job-id\":\"copy\",\"device\":\"from\",\"target\":\"to\",\"sync\":\"full\"" + more + "}"));
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void createsADisk(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            try (QmpJob job = client.jobs().track("create")) {
                create(client, "disk", 1 << 20);
                job.awaitConcluded(LONG);
                assertThat(Files.size(folder.resolve("disk"))).isEqualTo(1 << 20);
                assertThat(job.info())
                        .hasValueSatisfying(info -> assertThat(info.error()).isNull());
                job.dismiss();
                assertThat(client.jobs().all()).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void tellsWhyADiskCannotBeCreated(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            try (QmpJob job = client.jobs().track("create")) {
                create(client, "no/such/folder", 1 << 20);
                assertThatThrownBy(() -> job.awaitConcluded(LONG))
                        .isInstanceOf(QmpJobException.class)
                        .hasMessageContaining("No such file or directory");
                job.dismiss();
                assertThat(job.info()).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void mirrorsStepByStep(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            try (QmpJob job = client.jobs().track("copy")) {
                mirror(client, ",\"auto-finalize\":false,\"auto-dismiss\":false");
                job.await(JobStatus.READY, LONG);
                job.complete();
                job.await(JobStatus.PENDING, LONG);
                job.finalizeJob();
                job.awaitConcluded(LONG);
                assertThat(job.info()).isPresent();
                job.dismiss();
                assertThat(job.info()).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void mirrorsWithAJobThatDismissesItself(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            try (QmpJob job = client.jobs().track("copy")) {
                mirror(client, "");
                job.await(JobStatus.READY, LONG);
                job.complete();
                job.awaitConcluded(LONG);
                assertThat(client.jobs().all()).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource(QemuRelease.class)
    void tellsThatAJobWasCancelled(QemuRelease release) throws Exception {
        session(release, options().build(), (client, qemu) -> {
            try (QmpJob job = client.jobs().track("copy")) {
                mirror(client, ",\"speed\":65536,\"auto-dismiss\":false");
                job.await(JobStatus.RUNNING, LONG);
                job.cancel();
                assertThatThrownBy(() -> job.awaitConcluded(LONG))
                        .isInstanceOf(QmpJobException.class)
                        .hasMessageContaining("Operation canceled");
                assertThatThrownBy(() -> job.await(JobStatus.READY, LONG)).isInstanceOf(QmpJobException.class);
                job.dismiss();
            }
        });
    }
}
