/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.SeccompAction;
import dev.microvm.spec.VirtiofsMigration;
import dev.microvm.spec.VirtiofsdLogLevel;
import dev.microvm.spec.VirtiofsdOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Values that use virtiofsd's options. */
final class Options {
    private Options() {}

    /** {@return a change for each option that a daemon may refuse, by name} */
    static Map<String, UnaryOperator<VirtiofsdOptions.Builder>> each() {
        Map<String, UnaryOperator<VirtiofsdOptions.Builder>> changes = new LinkedHashMap<>();
        changes.put("threadPoolSize", daemon -> daemon.threadPoolSize(4));
        changes.put("announceSubmounts", daemon -> daemon.announceSubmounts(false));
        changes.put("seccomp", daemon -> daemon.seccomp(SeccompAction.TRAP));
        changes.put("socketGroup", daemon -> daemon.socketGroup("users"));
        changes.put("rlimitNofile", daemon -> daemon.rlimitNofile(4096));
        changes.put("allowMmap", daemon -> daemon.allowMmap(true));
        changes.put("writeback", daemon -> daemon.writeback(true));
        changes.put("directIo", daemon -> daemon.directIo(true));
        changes.put("preserveNoatime", daemon -> daemon.preserveNoatime(true));
        changes.put("killprivV2", daemon -> daemon.killprivV2(true));
        changes.put("securityLabel", daemon -> daemon.securityLabel(true));
        changes.put("xattrMap", daemon -> daemon.xattrMap(":map::user.x.:"));
        changes.put(
                "capabilities",
                daemon -> daemon.addAllAddedCapabilities(List.of("sys_admin"))
                        .addAllDroppedCapabilities(List.of("mknod")));
        changes.put(
                "migration",
                daemon -> daemon.migration(VirtiofsMigration.builder()
                        .onError(VirtiofsMigration.OnError.GUEST_ERROR)
                        .verifyHandles(true)
                        .confirmPaths(true)
                        .build()));
        changes.put("logLevel", daemon -> daemon.logLevel(VirtiofsdLogLevel.TRACE));
        changes.put("extraArguments", daemon -> daemon.addExtraArguments("--no-readdirplus"));
        return changes;
    }

    static VirtiofsdOptions everything() {
        VirtiofsdOptions.Builder all = VirtiofsdOptions.builder();
        each().values().forEach(change -> change.apply(all));
        return all.build();
    }

    static VirtiofsdOptions.Builder byHandles(VirtiofsdOptions.Builder daemon) {
        return daemon.migration(VirtiofsMigration.builder()
                .mode(VirtiofsMigration.Mode.FILE_HANDLES)
                .build());
    }
}
