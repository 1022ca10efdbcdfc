/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spec.MultiDevs;
import dev.microvm.spec.NinePCache;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.SecurityModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A 9p share as a QEMU serves it: what keeps it from working, what its user should know, and how a guest mounts it. Everything is looked at
 * when it is asked for; nothing is changed, and nothing is left running. A start does this by itself for each share of its spec; somebody who
 * runs QEMU himself asks it alone.
 *
 * <p>(QEMU manual, {@code -fsdev local}; Linux, Documentation/filesystems/9p.rst.)
 */
public final class NinePExport {
    /** QEMU says so on its standard error at this size and below ("9p: degraded performance"). */
    private static final int DEGRADED_MSIZE = 8192;

    private final NinePShare share;
    private final int qemuUid;
    private final int callerUid;
    private final Path mountInfo;

    NinePExport(NinePShare share, int qemuUid, int callerUid, Path mountInfo) {
        this.share = share;
        this.qemuUid = qemuUid;
        this.callerUid = callerUid;
        this.mountInfo = mountInfo;
    }

    /**
     * {@return the export of a share by a QEMU that runs as the user of this JVM}
     *
     * @param share what is shared and how
     */
    public static NinePExport of(NinePShare share) {
        int caller = Caller.current().uid();
        return new NinePExport(share, caller, caller, Path.of("/proc/self/mountinfo"));
    }

    /**
     * {@return the export of this share by a QEMU that runs as another user}
     *
     * @param uid that user's id; only root can start a QEMU as somebody else
     */
    public NinePExport servedBy(int uid) {
        return new NinePExport(share, uid, callerUid, mountInfo);
    }

    /** {@return what is shared and how} */
    public NinePShare share() {
        return share;
    }

    /** {@return the options with which a guest mounts it: {@code mount -t 9p -o OPTIONS TAG FOLDER}} */
    public String mountOptions() {
        return share.mountOptions();
    }

    /**
     * {@return everything that keeps it from working, each with its cure} An interrupt while a program is asked about another user's rights
     * makes it return early, with the flag set again.
     */
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        source(problems);
        if (share.securityModel() == SecurityModel.PASSTHROUGH && qemuUid != 0 && !share.readOnly()) {
            problems.add(
                    new Problem(
                            subject("securityModel = PASSTHROUGH"),
                            "only root may give files away, and QEMU runs as the user " + qemuUid
                                    + ": every file that the guest makes would fail",
                            "use SecurityModel.NONE (all belongs to QEMU's user), MAPPED_XATTR or MAPPED_FILE (the guest's owners and modes are"
                                    + " kept), or run QEMU as root (LaunchOptions.qemuUser(QemuUser.CALLER) for a root caller)"));
        }
        if (share.securityModel() == SecurityModel.MAPPED_XATTR
                && Files.isDirectory(share.source())
                && !UserAttributes.areKeptBy(share.source())) {
            problems.add(new Problem(
                    subject("securityModel = MAPPED_XATTR"),
                    "the file system of " + share.source() + " keeps no extended attributes of users (user.*)",
                    "use SecurityModel.MAPPED_FILE, or a folder on ext4, xfs or btrfs"));
        }
        return problems;
    }

    private void source(List<Problem> problems) {
        Path source = share.source().toAbsolutePath();
        if (!Files.exists(source)) {
            problems.add(new Problem(subject("source"), source + " does not exist", "create it: mkdir -p " + source));
        } else if (!Files.isDirectory(source)) {
            problems.add(new Problem(subject("source"), source + " is not a folder", "share the folder that holds it"));
        } else if (!UserAccess.of(qemuUid, callerUid).may(source, !share.readOnly())) {
            problems.add(
                    new Problem(
                            subject("source"),
                            "QEMU's user " + qemuUid + " may not " + (share.readOnly() ? "read" : "read and write")
                                    + " " + source + ", or not enter a folder above it",
                            "use a VirtiofsShare, which the caller serves, or give that user the right: chmod, chown, setfacl"));
        }
    }

    /** {@return what the user should know of it though it works, a sentence each} */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (share.cache() == NinePCache.LOOSE) {
            notes.add(
                    "cache LOOSE is not coherent: the guest may never see what is changed on the host, and under contention null bytes"
                            + " have been read from files; it is for trees that nobody changes");
        }
        if (share.msize() <= DEGRADED_MSIZE) {
            notes.add("messages of " + share.msize() + " bytes are slow, QEMU warns up to 8192; leave msize out for "
                    + NinePShare.DEFAULT_MSIZE);
        }
        if (!share.readOnly()) {
            writing(notes);
        }
        if (share.multidevs() != MultiDevs.REMAP) {
            List<Path> mounts = MountsBelow.of(share.source(), mountInfo);
            if (!mounts.isEmpty()) {
                notes.add("other file systems are mounted below " + share.source() + " (" + mounts.get(0)
                        + (mounts.size() > 1 ? " and " + (mounts.size() - 1) + " more" : "") + "): "
                        + (share.multidevs() == MultiDevs.FORBID
                                ? "with multidevs FORBID the guest cannot reach them"
                                : "with multidevs WARN the guest may take different files for one"));
            }
        }
        return List.copyOf(notes);
    }

    private void writing(List<String> notes) {
        if (qemuUid != callerUid) {
            notes.add("what the guest writes belongs to QEMU's user " + qemuUid
                    + " on the host, and files of others it can change only where their modes let everybody; by virtiofs it"
                    + " would be the caller's");
        }
        if (share.securityModel() == SecurityModel.PASSTHROUGH) {
            notes.add(
                    "with PASSTHROUGH by a QEMU that is root, the guest can make files of any owner on the host, programs with the"
                            + " set-user-ID bit of root and device nodes too; keep the folder closed to other users");
        }
        if (share.securityModel() == SecurityModel.MAPPED_FILE) {
            notes.add("the guest's owners and modes are in folders .virtfs_metadata, which only the host sees");
        }
    }

    private String subject(String attribute) {
        return "shares[tag=" + share.tag() + "]." + attribute;
    }
}
