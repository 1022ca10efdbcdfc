/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.ServiceFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real daemon as the root of a container with the usual rights: without {@code CAP_SYS_ADMIN}, so without namespaces. */
@Timeout(60)
class RootInAContainerIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path temp;

    private Path home;

    @BeforeEach
    void makeHome() throws Exception {
        assumeTrue(Caller.current().isRoot(), "only root has rights to lose");
        home = Files.createDirectory(temp.resolve("home"));
    }

    private LifelineContext container() throws Exception {
        LifelineContext context = new LifelineContext(temp);
        Path real = context.realVirtiofsd();
        return context.with(
                VirtiofsdProbe.VARIABLE,
                Scripts.write(
                        temp.resolve("virtiofsd"),
                        "exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin " + real + " \"$@\""));
    }

    private VirtiofsShare share(Sandbox sandbox) {
        return VirtiofsShare.builder().tag("home").source(home).sandbox(sandbox).build();
    }

    @Test
    void aChrootWorksAndHidesAllButTheFolder() throws Exception {
        VirtiofsShare share = share(Sandbox.CHROOT);
        try (LifelineContext context = container();
                Virtiofsd daemon = Virtiofsd.of(share, context)) {
            daemon.start(LIMIT);

            long pid = PidFile.read(PidFile.of(context.socketOf(share))).orElseThrow();
            assertThat(Path.of("/proc", Long.toString(pid), "root").toRealPath())
                    .isEqualTo(home.toRealPath());
        }
    }

    @Test
    void noNamespaceCanBeMadeThere() throws Exception {
        VirtiofsShare share = share(Sandbox.NAMESPACE);
        try (LifelineContext context = container();
                Virtiofsd daemon = Virtiofsd.of(share, context)) {
            assertThatThrownBy(() -> daemon.start(LIMIT))
                    .isInstanceOfSatisfying(
                            ServiceFailedException.class,
                            e -> assertThat(e.hint()).isEqualTo("sandbox NAMESPACE: as the share says"));
        }
    }
}
