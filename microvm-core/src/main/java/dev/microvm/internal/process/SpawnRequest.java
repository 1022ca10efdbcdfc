/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A program to start under a {@link Lifeline}. Its standard input is empty; its output goes to {@code NAME.stdout} and
 * {@code NAME.stderr} in the state folder. It starts with SIGINT and SIGQUIT ignored, as every program a shell starts in the
 * background, and with the working directory of this JVM.
 *
 * @param name unique under the lifeline: 1 to 64 letters, digits, {@code .}, {@code _}, {@code -}, not starting with {@code .} or
 *     {@code -}
 * @param command the program and its arguments, passed as they are
 * @param environment variables added to the lifeline's, or to the little another user gets; names as a shell knows them: letters,
 *     digits and {@code _}
 * @param runAs the user it runs as; absent: this JVM's. Only root can choose another. Such a program has no capabilities, can get none
 *     (no_new_privs: setuid programs that it starts stay without effect), and of the lifeline's environment only {@code PATH},
 *     {@code LANG} and {@code LC_ALL}
 */
public record SpawnRequest(String name, List<String> command, Map<String, String> environment, Optional<RunAs> runAs) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /**
     * A user without rights of its own.
     *
     * @param uid the user id
     * @param gid the group id
     * @param groups the supplementary groups; all others are dropped
     */
    public record RunAs(int uid, int gid, List<Integer> groups) {
        /** Copies the list. */
        public RunAs {
            groups = List.copyOf(groups);
        }
    }

    /**
     * Copies what could change.
     *
     * @throws IllegalArgumentException if the name or a variable's name is not allowed, the command is empty, or something holds
     *     NUL
     */
    public SpawnRequest {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name = " + name
                    + ": 1 to 64 letters, digits, '.', '_', '-', starting with a letter, digit or '_'");
        }
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command = [] of " + name + ": must name a program");
        }
        for (String argument : command) {
            noNul(name, argument);
        }
        environment.forEach((variable, value) -> {
            if (!VARIABLE.matcher(variable).matches()) {
                throw new IllegalArgumentException(
                        "environment of " + name + " has " + variable + ": shells know letters, digits and '_' only");
            }
            noNul(name, value);
        });
    }

    private static void noNul(String name, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("command of " + name + " holds NUL in " + text.replace('\0', '?'));
        }
    }

    /** {@return a request with the environment and the user of the lifeline} */
    public static SpawnRequest of(String name, List<String> command) {
        return new SpawnRequest(name, command, Map.of(), Optional.empty());
    }

    /** {@return this request with other additions to the environment} */
    public SpawnRequest withEnvironment(Map<String, String> additions) {
        return new SpawnRequest(name, command, additions, runAs);
    }

    /** {@return this request as another user} */
    public SpawnRequest as(RunAs user) {
        return new SpawnRequest(name, command, environment, Optional.of(user));
    }
}
