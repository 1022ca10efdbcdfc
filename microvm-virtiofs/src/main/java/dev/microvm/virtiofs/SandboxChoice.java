/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.spec.Sandbox;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a virtiofsd shuts itself in, and why.
 *
 * @param sandbox never {@link Sandbox#AUTO}
 * @param reason a sentence for whoever wonders
 */
record SandboxChoice(Sandbox sandbox, String reason) {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What a share is told that wants a namespace and cannot have one. */
    static final String WANTED_BY_IDS = "its idMap is one of a user namespace";

    /** {@return it and its reason, a sentence} */
    String describe() {
        return "sandbox " + VirtiofsdOptionTable.word(sandbox) + ": " + reason;
    }

    /**
     * Chooses; asks for namespaces only where the answer matters.
     *
     * @param idsInNamespace whether the share's {@code IdMap} needs a user namespace
     */
    static SandboxChoice of(Sandbox wanted, boolean idsInNamespace, Caller caller, CallerRights rights)
            throws InterruptedException {
        if (wanted != Sandbox.AUTO) {
            return new SandboxChoice(wanted, "as the share says");
        }
        return idsInNamespace
                ? new SandboxChoice(Sandbox.NAMESPACE, WANTED_BY_IDS)
                : automatic(namespacesRefused(caller), caller.isRoot() && rights.chroot());
    }

    /**
     * Root in a container mostly may not make namespaces, but may change its root: a daemon that has more rights than its folder needs
     * should not see the rest.
     */
    static SandboxChoice automatic(Optional<String> namespacesRefused, boolean mayChroot) {
        return namespacesRefused
                .map(why -> "namespaces cannot be had here (" + why + "), ")
                .map(why -> mayChroot
                        ? new SandboxChoice(Sandbox.CHROOT, why + "a chroot can")
                        : new SandboxChoice(Sandbox.NONE, why + "seccomp alone shuts virtiofsd in"))
                .orElse(new SandboxChoice(Sandbox.NAMESPACE, "namespaces can be had here"));
    }

    /**
     * {@return why the namespaces that virtiofsd makes cannot be made; empty where they can} Only trying tells: seccomp profiles of
     * containers, AppArmor and two settings of the kernel can forbid them, and with AppArmor the namespace can be made but nothing be
     * mounted in it, which {@code unshare --mount} finds out.
     */
    static Optional<String> namespacesRefused(Caller caller) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--net"));
        if (!caller.isRoot()) {
            command.add("--user");
        }
        command.add("true");
        try {
            ProcessExit exit = HostProcess.run(command, Map.of(), LIMIT);
            if (exit.succeeded()) {
                return Optional.empty();
            }
            return Optional.of(
                    exit.stderrTail().isEmpty()
                            ? "unshare ended with " + exit.code()
                            : exit.stderrTail().get(0));
        } catch (UncheckedIOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
