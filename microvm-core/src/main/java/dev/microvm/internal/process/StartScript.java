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
    private StartScript() {}

    static String render(SpawnRequest request) {
        List<String> words = new ArrayList<>(List.of("exec", "\"$setpriv\""));
        request.runAs().ifPresent(user -> words.addAll(dropTo(user)));
        // setpriv sets the signal after it has changed the user; the other way round the kernel would clear it
        // (prctl(2)).
        words.addAll(List.of("--pdeathsig", "KILL"));
        if (!request.environment().isEmpty()) {
            words.add("env");
            assignments(request.environment()).forEach(assignment -> words.add(quote(assignment)));
        }
        // If the keeper died before the signal was set, the program has another parent by now and must not start.
        words.addAll(List.of("$shell", "-c", quote("[ \"$PPID\" = \"$0\" ] && exec \"$@\""), "\"$$\""));
        request.command().forEach(argument -> words.add(quote(argument)));
        return "# How " + request.name() + " was started; read by lifeline.sh.\n" + String.join(" ", words) + "\n";
    }

    private static List<String> dropTo(SpawnRequest.RunAs user) {
        String groups = user.groups().isEmpty()
                ? "--clear-groups"
                : "--groups=" + user.groups().stream().map(String::valueOf).collect(Collectors.joining(","));
        return List.of("--reuid=" + user.uid(), "--regid=" + user.gid(), groups);
    }

    private static List<String> assignments(Map<String, String> environment) {
        return new TreeMap<>(environment)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList();
    }

    /** Between single quotes a shell takes everything as it is but the single quote itself. */
    static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
