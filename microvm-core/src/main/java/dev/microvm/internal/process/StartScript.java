/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes the file {@code NAME.start}, which a keeper of {@code lifeline.sh} reads in the process that becomes the program. A pure
 * function: the text also shows a person how the program was started.
 */
final class StartScript {
    /**
     * What a program of another user is given of the lifeline's environment, which is that of root's JVM and may hold tokens and
     * passwords. QEMU reads none of it but PATH (for what it starts itself) and the language; TMPDIR is left out because root's may be
     * a folder the user cannot enter, and QEMU then takes /var/tmp. It stands before setpriv: were it after it, anybody of that user
     * could read the whole environment in /proc/PID/environ for a moment.
     */
    private static final String[] MINIMAL_ENVIRONMENT = {
        "env", "-i", "PATH=\"$PATH\"", "${LANG+LANG=\"$LANG\"}", "${LC_ALL+LC_ALL=\"$LC_ALL\"}"
    };

    /**
     * Under no_new_privs no program gets capabilities by its file, so that an empty bounding set is a second lock on the same door: it
     * is left out where setpriv refuses "all" because the kernel knows capabilities that it does not.
     */
    private static final String WITHOUT_CAPABILITIES =
            "bounds='--bounding-set=-all --inh-caps=-all'\n\"$setpriv\" $bounds true 2> /dev/null || bounds=\n";

    private StartScript() {}

    static String render(SpawnRequest request) {
        List<String> words = new ArrayList<>(List.of("exec"));
        // setpriv sets the signal after it has changed the user; the other way round the kernel would clear it
        // (prctl(2)).
        if (request.runAs().isPresent()) {
            words.addAll(List.of(MINIMAL_ENVIRONMENT));
            words.addAll(assignments(request.environment()));
            words.add("\"$setpriv\"");
            words.addAll(dropTo(request.runAs().get()));
            words.addAll(List.of("--pdeathsig", "KILL"));
        } else {
            words.addAll(List.of("\"$setpriv\"", "--pdeathsig", "KILL"));
            if (!request.environment().isEmpty()) {
                words.add("env");
                words.addAll(assignments(request.environment()));
            }
        }
        // If the keeper died before the signal was set, the program has another parent by now and must not start.
        words.addAll(List.of("$shell", "-c", quote("[ \"$PPID\" = \"$0\" ] && exec \"$@\""), "\"$$\""));
        request.command().forEach(argument -> words.add(quote(argument)));
        return "# How " + request.name() + " was started; read by lifeline.sh.\n"
                + (request.runAs().isPresent() ? WITHOUT_CAPABILITIES : "")
                + String.join(" ", words) + "\n";
    }

    private static List<String> dropTo(SpawnRequest.RunAs user) {
        String groups = user.groups().isEmpty()
                ? "--clear-groups"
                : "--groups=" + user.groups().stream().map(String::valueOf).collect(Collectors.joining(","));
        return List.of("--reuid=" + user.uid(), "--regid=" + user.gid(), groups, "--no-new-privs", "$bounds");
    }

    private static List<String> assignments(Map<String, String> environment) {
        return new TreeMap<>(environment)
                .entrySet().stream()
                        .map(entry -> quote(entry.getKey() + "=" + entry.getValue()))
                        .toList();
    }

    /** Between single quotes a shell takes everything as it is but the single quote itself. */
    static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
