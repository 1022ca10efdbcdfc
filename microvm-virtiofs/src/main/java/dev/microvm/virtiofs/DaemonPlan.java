/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.ServiceFailedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything decided about a daemon before it is started.
 *
 * @param command its command line; empty where there is no daemon
 * @param sandbox how it shuts itself in, and why
 * @param problems what keeps it from starting
 * @param choices what was chosen and why, a sentence each
 */
record DaemonPlan(List<String> command, SandboxChoice sandbox, List<Problem> problems, List<String> choices) {
    DaemonPlan {
        command = List.copyOf(command);
        problems = List.copyOf(problems);
        choices = List.copyOf(choices);
    }

    /** Looks at the host and decides; starts nothing that stays. */
    static DaemonPlan of(VirtiofsShare wanted, DaemonHome home, Caller caller) throws InterruptedException {
        VirtiofsShare share = RootsRights.withoutDevices(wanted, caller);
        VirtiofsdProbe probe = VirtiofsdProbe.run(home.environment(), home.cacheFolder());
        CallerRights rights = CallerRights.current();
        String subject = "shares[tag=" + share.tag() + "].";
        List<Problem> problems =
                new ArrayList<>(VirtiofsdChecks.of(share, home.socket(), probe, home.cacheFolder(), caller, rights));
        boolean inNamespace = NamespaceIds.wanted(share.idMap());
        SandboxChoice sandbox = SandboxChoice.of(share.sandbox(), inNamespace, caller, rights);
        if (sandbox.sandbox() == Sandbox.NAMESPACE && (share.sandbox() == Sandbox.NAMESPACE || inNamespace)) {
            SandboxChoice.namespacesRefused(caller).ifPresent(why -> problems.add(refused(share, why)));
        }
        NamespaceIds ids = NamespaceIds.of(
                subject + "idMap = " + share.idMap().kind(),
                share.idMap(),
                caller,
                rights,
                home.environment(),
                Path.of("/etc"),
                probe.program()
                        .filter(found -> !found.version().isAtLeast(VirtiofsdCommand.SEVERAL_ID_MAPS))
                        .isEmpty());
        problems.addAll(ids.problems());
        HandlesChoice handles = HandlesChoice.of(share.daemon().inodeFileHandles(), caller, rights);
        Optional<VirtiofsdProbe.Program> program = probe.program();
        List<String> arguments = new ArrayList<>(VirtiofsdCommand.translations(share.idMap(), caller));
        arguments.addAll(ids.arguments());
        return new DaemonPlan(
                program.map(found -> VirtiofsdCommand.render(share, found, home.socket(), sandbox, handles, arguments))
                        .orElse(List.of()),
                sandbox,
                problems,
                Stream.concat(
                                Stream.of(
                                        probe.describe(),
                                        sandbox.describe(),
                                        "inode file handles " + VirtiofsdOptionTable.word(handles.mode()) + ": "
                                                + handles.reason(),
                                        owners(share, caller, ids)),
                                RootsRights.told(share, caller).stream())
                        .toList());
    }

    private static Problem refused(VirtiofsShare share, String why) {
        boolean byIds = NamespaceIds.wanted(share.idMap());
        String attribute = byIds ? "idMap = " + share.idMap().kind() : "sandbox = " + share.sandbox();
        return new Problem(
                "shares[tag=" + share.tag() + "]." + attribute,
                (byIds ? "a user namespace" : "namespaces") + " cannot be had here (" + why + ")",
                "allow it (sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for virtiofsd), or use "
                        + (byIds ? "IdMap.CALLER" : "Sandbox.AUTO, which takes what can be had"));
    }

    private static String owners(VirtiofsShare share, Caller caller, NamespaceIds ids) {
        int uid = share.idMap().guestUid();
        int gid = share.idMap().guestGid();
        return switch (share.idMap().kind()) {
            case CALLER ->
                "owners: everything is " + caller.uid() + ":" + caller.gid() + "'s on the host and " + uid + ":" + gid
                        + "'s in the guest, whoever of the guest writes it";
            case IDENTITY ->
                caller.isRoot()
                        ? "owners: the same numbers on both sides"
                        : "owners: the same numbers on both sides, and nobody in the guest can give files to others than "
                                + caller.uid() + ":" + caller.gid();
            case TRANSLATE -> "owners: translated by the share's rules; other ids are the same on both sides";
            case NAMESPACE -> "owners: by the share's ranges; other ids cannot be used";
            case SUBORDINATE ->
                "owners: " + caller.uid() + ":" + caller.gid() + " of the host is " + uid + ":" + gid
                        + " in the guest, its other ids are subordinate ones of " + caller.name() + " ("
                        + ids.uids().size() + " and " + ids.gids().size() + " ranges)";
        };
    }

    /** Refuses a plan that cannot be carried out, with all that is wrong with it. */
    void require(VirtiofsShare share) {
        if (!problems.isEmpty()) {
            throw new ServiceFailedException(
                    "cannot share " + share.source() + ": "
                            + problems.stream().map(Problem::detail).collect(Collectors.joining("; ")),
                    List.of(),
                    problems.stream()
                            .map(Problem::cure)
                            .filter(cure -> !cure.isEmpty())
                            .collect(Collectors.joining("; ")));
        }
    }
}
