/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.VirtiofsShare;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Share -> virtiofsd's command line, a pure function, and the rules about which version can do what. An option that the found version
 * lacks is a problem, never left out.
 */
final class VirtiofsdCommand {
    private static final VirtiofsdVersion METADATA = new VirtiofsdVersion(1, 8, 0);
    private static final VirtiofsdVersion UNPRIVILEGED_NONE = new VirtiofsdVersion(1, 5, 0);
    private static final VirtiofsdVersion READ_ONLY = new VirtiofsdVersion(1, 13, 0);
    private static final VirtiofsdVersion TRANSLATE = VirtiofsdVersion.NEEDED_BY_DEFAULT;

    /** Every id of the guest but the last, 2^32-1, which is no id (it means "leave it" to chown(2)). */
    private static final String ALL_IDS = "4294967295";

    private VirtiofsdCommand() {}

    /** {@return what the found version or the caller's rights do not allow} */
    static List<Problem> problems(VirtiofsShare share, VirtiofsdVersion found, Caller caller) {
        String subject = "shares[tag=" + share.tag() + "].";
        List<Problem> problems = new ArrayList<>();
        if (share.readOnly()) {
            require(problems, subject + "readOnly", found, READ_ONLY, "use NinePShare, which QEMU keeps read-only");
        }
        if (share.cache() == CachePolicy.METADATA) {
            require(problems, subject + "cache = METADATA", found, METADATA, "use CachePolicy.AUTO");
        }
        if (share.idMap().kind() == IdMap.Kind.CALLER) {
            require(problems, subject + "idMap = CALLER", found, TRANSLATE, "use IdMap.IDENTITY");
        }
        if (share.sandbox() == Sandbox.NONE && !caller.isRoot()) {
            require(
                    problems,
                    subject + "sandbox = NONE without root",
                    found,
                    UNPRIVILEGED_NONE,
                    "use Sandbox.NAMESPACE");
        }
        if (share.sandbox() == Sandbox.CHROOT && !caller.isRoot()) {
            problems.add(new Problem(
                    subject + "sandbox = CHROOT",
                    "only root may call chroot(2)",
                    "use Sandbox.NAMESPACE or Sandbox.AUTO"));
        }
        for (String argument : share.extraArguments()) {
            extraArgument(problems, subject + "extraArguments", argument, share);
        }
        return problems;
    }

    private static void require(
            List<Problem> problems, String subject, VirtiofsdVersion found, VirtiofsdVersion needed, String instead) {
        if (!found.isAtLeast(needed)) {
            problems.add(new Problem(
                    subject,
                    "needs virtiofsd " + needed + " or later, found " + found,
                    "install virtiofsd " + needed + " or later, or " + instead));
        }
    }

    private static void extraArgument(List<Problem> problems, String subject, String argument, VirtiofsShare share) {
        if (argument.startsWith("--socket") || argument.startsWith("--fd") || argument.startsWith("--shared-dir")) {
            problems.add(new Problem(subject, argument + " is set by this library", "leave it out"));
        } else if (argument.equals("--syslog")) {
            problems.add(new Problem(
                    subject,
                    "with --syslog nobody learns when virtiofsd is ready",
                    "leave it out: its log is in the state folder"));
        } else if (argument.startsWith("--posix-acl") && share.idMap().kind() == IdMap.Kind.CALLER) {
            problems.add(new Problem(
                    subject,
                    "virtiofsd cannot translate ids and keep " + argument,
                    "use IdMap.IDENTITY, or leave it out"));
        }
    }

    /** {@return the command line; every value is one argument, so that nothing in a path needs escaping} */
    static List<String> render(VirtiofsShare share, Path program, Path socket, SandboxChoice sandbox, Caller caller) {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.add("--socket-path=" + socket);
        command.add("--shared-dir=" + share.source().toAbsolutePath());
        command.add("--cache=" + share.cache().option());
        command.add("--sandbox=" + sandbox.sandbox().name().toLowerCase(Locale.ROOT));
        if (share.readOnly()) {
            command.add("--readonly");
        }
        if (share.idMap().kind() == IdMap.Kind.CALLER) {
            translate(command, "--translate-uid=", caller.uid(), share.idMap().guestUid());
            translate(command, "--translate-gid=", caller.gid(), share.idMap().guestGid());
        }
        command.addAll(share.extraArguments());
        return List.copyOf(command);
    }

    // Whatever id writes in the guest becomes the caller; the caller becomes one id of the guest. Tried with 1.13.2 and
    // a guest of kernel
    // 6.1, as root and not, with and without namespaces: guest users create, append, make folders, and chown succeeds
    // without effect.
    // --uid-map would do the second half alone: other guest users then fail with EINVAL, and root may not use it.
    private static void translate(List<String> command, String option, int host, int guest) {
        command.add(option + "squash-guest:0:" + host + ":" + ALL_IDS);
        command.add(option + "host:" + host + ":" + guest + ":1");
    }

    /**
     * {@return what the environment must say so that the ready line is written} It is logged at level info, and a {@code RUST_LOG} in
     * the caller's environment, even an empty one, overrides {@code --log-level} and would hide it.
     */
    static Map<String, String> environment(VirtiofsShare share) {
        String all = String.join(" ", share.extraArguments());
        String level = all.matches(".*--log-level[= ]trace.*")
                ? "trace"
                : all.matches(".*--log-level[= ]debug.*") ? "debug" : "info";
        return Map.of("RUST_LOG", level);
    }
}
