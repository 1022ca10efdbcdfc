/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.InodeFileHandles;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Share -> virtiofsd's command line, a pure function, and the rules about which version and which caller can do what. An option that the
 * found version lacks is a problem, never left out.
 */
final class VirtiofsdCommand {
    private static final VirtiofsdVersion UNPRIVILEGED_NONE = new VirtiofsdVersion(1, 5, 0);
    private static final VirtiofsdVersion TRANSLATE = VirtiofsdVersion.NEEDED_BY_DEFAULT;
    private static final VirtiofsdVersion ID_MAPS = new VirtiofsdVersion(1, 6, 0);
    /** Since then a map may be given in parts, and one own id needs no newuidmap. */
    static final VirtiofsdVersion SEVERAL_ID_MAPS = new VirtiofsdVersion(1, 11, 0);

    /** Every id of the guest but the last, 2^32-1, which is no id (it means "leave it" to chown(2)). */
    private static final String ALL_IDS = "4294967295";

    private final String subject;
    private final VirtiofsShare share;
    private final VirtiofsdVersion found;
    private final Caller caller;
    private final List<Problem> problems = new ArrayList<>();

    private VirtiofsdCommand(VirtiofsShare share, VirtiofsdVersion found, Caller caller) {
        this.subject = "shares[tag=" + share.tag() + "].";
        this.share = share;
        this.found = found;
        this.caller = caller;
    }

    /** {@return what the found version or the caller's rights do not allow, and what contradicts itself} */
    static List<Problem> problems(
            VirtiofsShare share, VirtiofsdProbe.Program program, Caller caller, CallerRights rights) {
        VirtiofsdCommand command = new VirtiofsdCommand(share, program.version(), caller);
        for (UsedOption option : VirtiofsdOptionTable.of(share, program)) {
            command.require(option.attribute(), option.since(), option.instead());
        }
        command.ids();
        command.sandbox();
        command.handles(rights);
        share.daemon().extraArguments().forEach(command::extraArgument);
        return List.copyOf(command.problems);
    }

    private void ids() {
        IdMap map = share.idMap();
        String kind = "idMap = " + map.kind();
        switch (map.kind()) {
            case CALLER -> require(kind, TRANSLATE, "use IdMap.IDENTITY");
            case TRANSLATE -> require(kind, TRANSLATE, "use IdMap.IDENTITY");
            case NAMESPACE ->
                require(
                        kind,
                        map.uidRanges().size() <= 1 && map.gidRanges().size() <= 1 ? ID_MAPS : SEVERAL_ID_MAPS,
                        "use IdMap.IDENTITY");
            case SUBORDINATE -> require(kind, SEVERAL_ID_MAPS, "use IdMap.IDENTITY");
            case IDENTITY -> {}
        }
        if (share.posixAcl() && translates(map)) {
            add(
                    "posixAcl",
                    "virtiofsd cannot translate ids and keep access control lists, and the idMap is " + map.kind(),
                    caller.isRoot()
                            ? "use IdMap.IDENTITY, or leave posixAcl out"
                            : "use IdMap.subordinateAs or IdMap.IDENTITY, or leave posixAcl out");
        }
        if (NamespaceIds.wanted(map)) {
            if (caller.isRoot()) {
                add(
                        kind,
                        "the kernel needs no user namespace to let root have every id, and virtiofsd refuses one to it",
                        "use IdMap.IDENTITY, or IdMap.translating for other ids");
            }
            if (share.sandbox() == Sandbox.NONE || share.sandbox() == Sandbox.CHROOT) {
                add("sandbox = " + share.sandbox(), "the " + kind + " needs a user namespace", "use Sandbox.NAMESPACE");
            }
        }
    }

    private static boolean translates(IdMap map) {
        return map.kind() == IdMap.Kind.CALLER || map.kind() == IdMap.Kind.TRANSLATE;
    }

    private void sandbox() {
        if (share.sandbox() == Sandbox.NONE && !caller.isRoot()) {
            require("sandbox = NONE without root", UNPRIVILEGED_NONE, "use Sandbox.NAMESPACE");
        }
        if (share.sandbox() == Sandbox.CHROOT && !caller.isRoot()) {
            add("sandbox = CHROOT", "only root may call chroot(2)", "use Sandbox.NAMESPACE or Sandbox.AUTO");
        }
    }

    /** PREFER does without where it must, and says so in its log. */
    private void handles(CallerRights rights) {
        boolean mandatory = share.daemon()
                .inodeFileHandles()
                .filter(InodeFileHandles.MANDATORY::equals)
                .isPresent();
        if (mandatory && !HandlesChoice.possible(caller, rights)) {
            add("daemon.inodeFileHandles = MANDATORY", HandlesChoice.NO_RIGHT, "use InodeFileHandles.PREFER");
        }
    }

    private void require(String attribute, VirtiofsdVersion needed, String instead) {
        if (!found.isAtLeast(needed)) {
            add(
                    attribute,
                    "needs virtiofsd " + needed + " or later, found " + found,
                    "install virtiofsd " + needed + " or later" + (instead.isEmpty() ? "" : ", or " + instead));
        }
    }

    private void extraArgument(String argument) {
        String attribute = "daemon.extraArguments";
        if (argument.startsWith("--socket-group")) {
            add(attribute, argument + " would go unseen by this library", "use VirtiofsdOptions.socketGroup");
        } else if (argument.startsWith("--socket")
                || argument.startsWith("--fd")
                || argument.startsWith("--shared-dir")) {
            add(attribute, argument + " is set by this library", "leave it out");
        } else if (argument.equals("--syslog")) {
            add(
                    attribute,
                    "with --syslog nobody learns when virtiofsd is ready",
                    "leave it out: its log is in the state folder");
        } else if (argument.startsWith("--log-level") || argument.equals("-d")) {
            add(attribute, argument + " is without effect beside RUST_LOG", "use VirtiofsdOptions.logLevel");
        } else if (argument.startsWith("--tag")) {
            add(attribute, "the tag is that of QEMU's device, and QEMU 7.1 to 8.0 crash on this one", "leave it out");
        } else if (argument.startsWith("--posix-acl") && translates(share.idMap())) {
            add(
                    attribute,
                    "virtiofsd cannot translate ids and keep " + argument,
                    "use IdMap.IDENTITY, or leave it out");
        }
    }

    private void add(String attribute, String detail, String cure) {
        problems.add(new Problem(subject + attribute, detail, cure));
    }

    /** {@return the command line; every value is one argument, so that nothing in a path needs escaping} */
    static List<String> render(
            VirtiofsShare share,
            VirtiofsdProbe.Program program,
            Path socket,
            SandboxChoice sandbox,
            HandlesChoice handles,
            List<String> ids) {
        List<String> command = new ArrayList<>();
        command.add(program.path().toString());
        command.add("--socket-path=" + socket);
        command.add("--shared-dir=" + share.source().toAbsolutePath());
        command.add("--sandbox=" + VirtiofsdOptionTable.word(sandbox.sandbox()));
        command.add("--inode-file-handles=" + VirtiofsdOptionTable.word(handles.mode()));
        VirtiofsdOptionTable.of(share, program).forEach(option -> command.addAll(option.arguments()));
        command.addAll(ids);
        command.addAll(share.daemon().extraArguments());
        return List.copyOf(command);
    }

    /** {@return the arguments by which virtiofsd itself translates ids; none for the other kinds of maps} */
    static List<String> translations(IdMap map, Caller caller) {
        List<String> arguments = new ArrayList<>();
        if (map.kind() == IdMap.Kind.CALLER) {
            translate(arguments, "--translate-uid=", caller.uid(), map.guestUid());
            translate(arguments, "--translate-gid=", caller.gid(), map.guestGid());
        }
        map.uidTranslations().forEach(rule -> arguments.add("--translate-uid=" + rule));
        map.gidTranslations().forEach(rule -> arguments.add("--translate-gid=" + rule));
        return arguments;
    }

    // Whatever id writes in the guest becomes the caller; the caller becomes one id of the guest. Tried with 1.13.2 and
    // a guest of kernel
    // 6.1, as root and not, with and without namespaces: guest users create, append, make folders, and chown succeeds
    // without effect.
    // --uid-map would do the second half alone: other guest users then fail with EINVAL, and root may not use it.
    private static void translate(List<String> arguments, String option, int host, int guest) {
        arguments.add(option + "squash-guest:0:" + host + ":" + ALL_IDS);
        arguments.add(option + "host:" + host + ":" + guest + ":1");
    }

    /**
     * {@return what the environment must say so that the ready line is written} It is logged at level info, and a {@code RUST_LOG} in
     * the caller's environment, even an empty one, overrides {@code --log-level} and would hide it.
     */
    static Map<String, String> environment(VirtiofsShare share) {
        return Map.of("RUST_LOG", VirtiofsdOptionTable.word(share.daemon().logLevel()));
    }
}
