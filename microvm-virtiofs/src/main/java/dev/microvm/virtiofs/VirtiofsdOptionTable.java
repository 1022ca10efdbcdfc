/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.SeccompAction;
import dev.microvm.spec.VirtiofsMigration;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VirtiofsdOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Share -> the options it uses, those about ids and the sandbox excepted. Versions are those of virtiofsd's release notes, the writing is
 * checked with the {@code --help} and a run of 1.13.2.
 */
final class VirtiofsdOptionTable {
    private static final VirtiofsdVersion ALWAYS = new VirtiofsdVersion(1, 0, 0);

    private final VirtiofsdProbe.Program program;
    private final List<UsedOption> used = new ArrayList<>();

    private VirtiofsdOptionTable(VirtiofsdProbe.Program program) {
        this.program = program;
    }

    /** {@return the options a share uses, in the order in which they are given} */
    static List<UsedOption> of(VirtiofsShare share, VirtiofsdProbe.Program program) {
        VirtiofsdOptionTable table = new VirtiofsdOptionTable(program);
        table.share(share);
        table.daemon(share.daemon());
        table.migration(share.daemon().migration());
        return List.copyOf(table.used);
    }

    private void share(VirtiofsShare share) {
        boolean metadata = share.cache() == CachePolicy.METADATA;
        add(
                "cache = " + share.cache(),
                metadata ? since(1, 8) : ALWAYS,
                "use CachePolicy.AUTO",
                "--cache=" + share.cache().option());
        if (share.readOnly()) {
            add("readOnly", since(1, 13), "use NinePShare, which QEMU keeps read-only", "--readonly");
        }
        VirtiofsdOptions options = share.daemon();
        if (share.xattr()
                || share.posixAcl()
                || options.securityLabel()
                || options.xattrMap().isPresent()) {
            add("xattr", ALWAYS, "", "--xattr");
        }
        if (share.posixAcl()) {
            add("posixAcl", since(1, 2), "leave it out", "--posix-acl" + always("posix-acl-negotiation-mode"));
        }
    }

    /**
     * Since 1.14 the two options take a word; a bare one still means the same there, but is on its way out. The daemon says itself that it
     * knows the word.
     */
    private String always(String feature) {
        return program.features().contains(feature) ? "=always" : "";
    }

    private void daemon(VirtiofsdOptions options) {
        if (options.threadPoolSize() != 0) {
            add("daemon.threadPoolSize", ALWAYS, "", "--thread-pool-size=" + options.threadPoolSize());
        }
        if (!options.announceSubmounts()) {
            add("daemon.announceSubmounts = false", since(1, 6), "leave it out", "--no-announce-submounts");
        } else if (!program.version().isAtLeast(since(1, 6))) {
            add("daemon.announceSubmounts", ALWAYS, "", "--announce-submounts"); // the default since
        }
        if (options.seccomp() != SeccompAction.KILL) {
            add("daemon.seccomp", ALWAYS, "", "--seccomp=" + word(options.seccomp()));
        }
        options.socketGroup().ifPresent(group -> add("daemon.socketGroup", ALWAYS, "", "--socket-group=" + group));
        options.rlimitNofile().ifPresent(limit -> add("daemon.rlimitNofile", ALWAYS, "", "--rlimit-nofile=" + limit));
        flag(options.allowMmap(), "daemon.allowMmap", since(1, 11), "--allow-mmap");
        flag(options.writeback(), "daemon.writeback", ALWAYS, "--writeback");
        flag(options.directIo(), "daemon.directIo", ALWAYS, "--allow-direct-io");
        flag(options.preserveNoatime(), "daemon.preserveNoatime", since(1, 7), "--preserve-noatime");
        flag(options.killprivV2(), "daemon.killprivV2", ALWAYS, "--killpriv-v2");
        flag(
                options.securityLabel(),
                "daemon.securityLabel",
                since(1, 4),
                "--security-label" + always("security-label-negotiation-mode"));
        options.xattrMap().ifPresent(map -> add("daemon.xattrMap", ALWAYS, "", "--xattrmap=" + map));
        List<String> changes = new ArrayList<>();
        options.addedCapabilities().forEach(name -> changes.add("+" + name));
        options.droppedCapabilities().forEach(name -> changes.add("-" + name));
        if (!changes.isEmpty()) {
            add("daemon.addedCapabilities", ALWAYS, "", "--modcaps=" + String.join(":", changes));
        }
    }

    private void migration(VirtiofsMigration migration) {
        if (migration.mode() != VirtiofsMigration.Mode.FIND_PATHS) {
            add("daemon.migration.mode", since(1, 12), "use FIND_PATHS", "--migration-mode=" + word(migration.mode()));
        }
        if (migration.onError() != VirtiofsMigration.OnError.ABORT) {
            add(
                    "daemon.migration.onError",
                    since(1, 11),
                    "leave it out",
                    "--migration-on-error=" + word(migration.onError()));
        }
        flag(migration.verifyHandles(), "daemon.migration.verifyHandles", since(1, 11), "--migration-verify-handles");
        flag(migration.confirmPaths(), "daemon.migration.confirmPaths", since(1, 11), "--migration-confirm-paths");
    }

    private void flag(boolean on, String attribute, VirtiofsdVersion since, String argument) {
        if (on) {
            add(attribute, since, "leave it out", argument);
        }
    }

    private void add(String attribute, VirtiofsdVersion since, String instead, String argument) {
        used.add(new UsedOption(attribute, since, instead, List.of(argument)));
    }

    private static VirtiofsdVersion since(int major, int minor) {
        return new VirtiofsdVersion(major, minor, 0);
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
