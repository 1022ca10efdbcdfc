/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import dev.microvm.spi.ServiceFailedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line of {@code lifeline.sh}. */
final class LifelineCommand {
    static final String CURE =
            "install util-linux: the lifeline needs its setsid and its setpriv (busybox's lacks --pdeathsig)";

    /** One turn of the loop between SIGTERM and SIGKILL in the script, its {@code step}. */
    private static final long STEP_MILLIS = 50;

    private LifelineCommand() {}

    /**
     * {@return setsid, the shell, the script and its arguments}
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
        command.add(options.stateFolder().resolve(StateFolder.SCRIPT).toString());
        command.add("lifeline");
        command.add(options.stateFolder().toString());
        command.add(Long.toString((options.grace().toMillis() + STEP_MILLIS - 1) / STEP_MILLIS));
        command.add(setpriv.toString());
        command.add(String.join(" ", options.shell()));
        return command;
    }

    private static Path find(String program, Map<String, String> environment) {
        return ProgramSearch.find(program, environment)
                .orElseThrow(() -> new ServiceFailedException(
                        "there is no program \"" + program + "\" in PATH (" + environment.get("PATH") + ")",
                        List.of(),
                        CURE));
    }
}
