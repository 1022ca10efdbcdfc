/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * What a {@link HostProcess} is to run.
 *
 * @param name a short name for threads and messages
 * @param command the program (a path, or a name looked up in {@code PATH}) and its arguments, passed as they are
 * @param baseEnvironment the environment that variables are added to; default this JVM's
 * @param environment variables added to it
 * @param stdout takes its standard output, written by one thread; a failing write does not end the program, the rest is dropped
 * @param stderr takes its standard error in the same way; the last lines are kept in any case
 */
public record ProcessRequest(
        String name,
        List<String> command,
        Map<String, String> baseEnvironment,
        Map<String, String> environment,
        OutputStream stdout,
        OutputStream stderr) {
    /**
     * Copies what could change.
     *
     * @throws IllegalArgumentException if the command is empty or an argument holds NUL, which no program can be given
     */
    public ProcessRequest {
        command = List.copyOf(command);
        baseEnvironment = Map.copyOf(baseEnvironment);
        environment = Map.copyOf(environment);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command = []: must name a program");
        }
        for (String argument : command) {
            if (argument.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("command holds NUL in " + argument.replace('\0', '?'));
            }
        }
    }

    /** {@return a request named after its program, whose output is dropped} */
    public static ProcessRequest of(List<String> command) {
        String program = command.isEmpty() ? "" : command.get(0);
        return new ProcessRequest(
                program.substring(program.lastIndexOf('/') + 1),
                command,
                System.getenv(),
                Map.of(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream());
    }

    /** {@return this request under another name} */
    public ProcessRequest named(String newName) {
        return new ProcessRequest(newName, command, baseEnvironment, environment, stdout, stderr);
    }

    /** {@return this request with other additions to the environment} */
    public ProcessRequest withEnvironment(Map<String, String> additions) {
        return new ProcessRequest(name, command, baseEnvironment, additions, stdout, stderr);
    }

    /** {@return this request with another environment in place of this JVM's} */
    public ProcessRequest withBaseEnvironment(Map<String, String> base) {
        return new ProcessRequest(name, command, base, environment, stdout, stderr);
    }

    /** {@return this request with another taker of standard output} */
    public ProcessRequest withStdout(OutputStream taker) {
        return new ProcessRequest(name, command, baseEnvironment, environment, taker, stderr);
    }

    /** {@return this request with another taker of standard error} */
    public ProcessRequest withStderr(OutputStream taker) {
        return new ProcessRequest(name, command, baseEnvironment, environment, stdout, taker);
    }
}
