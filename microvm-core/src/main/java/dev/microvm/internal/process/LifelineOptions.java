/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How a {@link Lifeline} is started.
 *
 * @param name a short name for threads and messages: the VM's
 * @param stateFolder the state folder: an absolute path that does not exist yet, in a folder that does; made with mode 0700. It must
 *     stay this user's, for the lifeline runs programs from it
 * @param baseEnvironment the environment of the lifeline and everything under it, which also says where programs are searched; default
 *     this JVM's
 * @param environment variables added to it for the lifeline and everything under it. The Nix collector reads
 *     {@code /proc/PID/environ}, so store paths named here are kept as long as the lifeline lives
 * @param grace how long each program has between SIGTERM and SIGKILL when everything is torn down; default 2 s
 * @param shell the words that start a POSIX shell; default {@code sh}
 */
public record LifelineOptions(
        String name,
        Path stateFolder,
        Map<String, String> baseEnvironment,
        Map<String, String> environment,
        Duration grace,
        List<String> shell) {
    /**
     * Copies what could change.
     *
     * @throws IllegalArgumentException if the state folder is not absolute or the grace is negative
     */
    public LifelineOptions {
        baseEnvironment = Map.copyOf(baseEnvironment);
        environment = Map.copyOf(environment);
        shell = List.copyOf(shell);
        if (!stateFolder.isAbsolute()) {
            throw new IllegalArgumentException("stateFolder = " + stateFolder + ": must be absolute");
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace = " + grace + ": must not be negative");
        }
    }

    /** {@return options with the defaults} */
    public static LifelineOptions of(String name, Path stateFolder) {
        return new LifelineOptions(name, stateFolder, System.getenv(), Map.of(), Duration.ofSeconds(2), List.of("sh"));
    }

    /** {@return these options with other additions to the environment} */
    public LifelineOptions withEnvironment(Map<String, String> additions) {
        return new LifelineOptions(name, stateFolder, baseEnvironment, additions, grace, shell);
    }

    /** {@return these options with another environment in place of this JVM's} */
    public LifelineOptions withBaseEnvironment(Map<String, String> base) {
        return new LifelineOptions(name, stateFolder, base, environment, grace, shell);
    }

    /** {@return these options with another grace between SIGTERM and SIGKILL} */
    public LifelineOptions withGrace(Duration newGrace) {
        return new LifelineOptions(name, stateFolder, baseEnvironment, environment, newGrace, shell);
    }

    /** {@return these options with another shell} */
    public LifelineOptions withShell(String... words) {
        return new LifelineOptions(name, stateFolder, baseEnvironment, environment, grace, List.of(words));
    }
}
