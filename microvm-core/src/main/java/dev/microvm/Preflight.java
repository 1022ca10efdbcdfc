/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.error.Problem;
import dev.microvm.spec.VmSpec;
import java.util.List;

/**
 * What a start of a spec would do on this host, without doing it.
 *
 * @param spec the spec as it would be started: extensions written out, each {@code AutoShare} made what it was decided to be; as declared
 *     where nothing could be found out
 * @param problems everything that keeps it from starting, each with its cure; empty if nothing does
 * @param choices what was chosen and why: the accelerator, the kernel, QEMU's user, how a folder is shared, fallbacks
 * @param commandLine QEMU's command line with a reason per argument, with the paths of a state folder that does not exist; empty if
 *     there are problems
 */
public record Preflight(VmSpec spec, List<Problem> problems, List<String> choices, List<QemuArgument> commandLine) {
    /**
     * Copies the lists.
     *
     * @param spec taken as it is
     * @param problems copied; in the order in which they are told
     * @param choices copied; a sentence each
     * @param commandLine copied; the program itself first
     */
    public Preflight {
        problems = List.copyOf(problems);
        choices = List.copyOf(choices);
        commandLine = List.copyOf(commandLine);
    }

    /** {@return whether nothing keeps the VM from starting} */
    public boolean ok() {
        return problems.isEmpty();
    }

    /** {@return all of it as text for a person} */
    public String explain() {
        StringBuilder text = new StringBuilder();
        problems.forEach(problem -> text.append("problem: ").append(problem).append('\n'));
        choices.forEach(choice -> text.append("choice: ").append(choice).append('\n'));
        String reason = "";
        for (QemuArgument argument : commandLine) {
            // An option and its values share one reason, which is told once, below them.
            if (argument.text().startsWith("-")) {
                reason(text, reason);
                text.append("  ").append(argument.text());
            } else {
                text.append(' ').append(argument.text());
            }
            reason = argument.reason();
        }
        reason(text, reason);
        return text.toString();
    }

    private static void reason(StringBuilder text, String reason) {
        if (!reason.isEmpty()) {
            text.append("\n      ").append(reason).append('\n');
        }
    }
}
