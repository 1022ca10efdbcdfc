/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import dev.microvm.spi.ServiceFailedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line by which {@code lifeline.sh} comes to run. */
final class LifelineCommand {
    static final String CURE =
            "install util-linux: the lifeline needs its setsid and its setpriv (busybox's lacks --pdeathsig)";

    /** One turn of the loop between SIGTERM and SIGKILL in the script, its {@code step}. */
    private static final long STEP_MILLIS = 50;

    /** EX_CANTCREAT of sysexits(3head): the state folder could not be made. */
    private static final int NO_FOLDER = 73;

    /**
     * Makes the state folder with the program in it, and becomes that program. Not this JVM but the lifeline makes the folder: however early
     * the JVM is killed, whoever made it is there to remove it. What {@code $1} to {@code $5} are stands in the program; {@code $6} is its
     * text. SIGPIPE is ignored as long as a dead JVM could be written to, and no longer: what a shell finds ignored it cannot reset.
     */
    private static final String START = String.join(
            "\n",
            "umask 077",
            "trap '' PIPE",
            "mkdir \"$2\" || exit " + NO_FOLDER,
            "echo folder",
            "printf '%s\\n' \"$6\" > \"$2/" + StateFolder.SCRIPT + "\" || { rm -rf \"$2\"; exit 1; }",
            "trap - PIPE",
            "exec $5 \"$2/" + StateFolder.SCRIPT + "\" \"$1\" \"$2\" \"$3\" \"$4\" \"$5\"");

    private LifelineCommand() {}

    /**
     * {@return setsid, the shell, what starts the program, and the program with its arguments}
     *
     * @throws ServiceFailedException if a program is missing
     */
    static List<String> of(LifelineOptions options, Map<String, String> environment) {
        Path setpriv = find("setpriv", environment);
        List<String> command = new ArrayList<>();
        // A session of its own: Ctrl-C in the terminal of this JVM reaches the JVM alone, and the order of the end
        // stays ours.
        command.add(find("setsid", environment).toString());
        find(options.shell().get(0), environment);
        command.addAll(options.shell());
        command.addAll(List.of("-c", START, "lifeline", "lifeline"));
        command.add(options.stateFolder().toString());
        command.add(Long.toString((options.grace().toMillis() + STEP_MILLIS - 1) / STEP_MILLIS));
        command.add(setpriv.toString());
        command.add(String.join(" ", options.shell()));
        command.add(StateFolder.script());
        return command;
    }

    /** {@return why it ended, for a message that gives its last words too} */
    static String reasonOf(int code, Path stateFolder) {
        return code == NO_FOLDER
                ? "it cannot make the state folder " + stateFolder
                : "it has ended with exit code " + code;
    }

    private static Path find(String program, Map<String, String> environment) {
        return ProgramSearch.find(program, environment)
                .orElseThrow(() -> new ServiceFailedException(
                        "there is no program \"" + program + "\" in PATH (" + environment.get("PATH") + ")",
                        List.of(),
                        CURE));
    }
}
