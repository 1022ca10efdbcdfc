/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.guest;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.immutables.value.Value;

/**
 * A command to run in a guest: {@code ExecRequest.of("make", "-j4").withLimit(Duration.ofMinutes(10))}. A value; it can be run more than
 * once, unless its input is a stream.
 */
@Value.Immutable
@GuestStyle
public sealed interface ExecRequest permits ImmutableExecRequest {
    /** {@return the program, a path or a name on the guest's {@code PATH}, and its arguments; no shell reads them} */
    List<String> command();

    /** {@return variables added to those the guest's first process has; {@code PATH} counts for finding the program too} */
    Map<String, String> environment();

    /** {@return the folder it runs in, absolute; default {@code /}} */
    @Value.Default
    default String workingFolder() {
        return "/";
    }

    /** {@return what it reads as standard input; absent: nothing, as from {@code /dev/null}} */
    Optional<GuestInput> stdin();

    /**
     * {@return how long {@link GuestShell#exec(ExecRequest)} waits for its end, after which it is killed; for a command started with
     * {@link GuestShell#start} how long its start may take; default 60 seconds}
     */
    @Value.Default
    default Duration limit() {
        return Duration.ofSeconds(60);
    }

    /**
     * {@return how many bytes of each output stream are kept for the result, the first ones; the rest still goes to the sinks and is
     * counted in {@link ExecResult#droppedBytes()}; default 64 MiB}
     */
    @Value.Default
    default int maxCapturedBytes() {
        return 64 << 20;
    }

    /**
     * {@return gets each line of standard output as it comes, without its end, decoded as UTF-8; see {@link #stdoutTo()} for threads}
     *
     * <p>Of a line that is longer than 64 KiB the sink gets the first 64 KiB; {@link #stdoutTo()} and the result know no lines.
     */
    Optional<Consumer<String>> stdoutLines();

    /** {@return the same for standard error} */
    Optional<Consumer<String>> stderrLines();

    /**
     * {@return gets the bytes of standard output as they come}
     *
     * <p>Sinks are called on a thread of the library, one call at a time for each stream. A sink that blocks holds the command up once its
     * pipe is full; one that throws has the command killed and its run fail. The stream is neither flushed nor closed.
     */
    Optional<OutputStream> stdoutTo();

    /** {@return the same for standard error} */
    Optional<OutputStream> stderrTo();

    /** Linux takes no longer argument or variable, its NUL included ({@code MAX_ARG_STRLEN}, execve(2)). */
    int MAX_ARGUMENT_BYTES = 131_072;

    /**
     * {@return a run of a program with these arguments, everything else as by default}
     *
     * @param command the program and its arguments, each without NUL and shorter than {@value #MAX_ARGUMENT_BYTES} bytes
     */
    static ExecRequest of(String... command) {
        return builder().addCommand(command).build();
    }

    /**
     * {@return a run of a script by the guest's {@code /bin/sh}}
     *
     * @param script text for {@code sh -c}, shorter than {@value #MAX_ARGUMENT_BYTES} bytes; longer ones go in as standard input
     */
    static ExecRequest sh(String script) {
        return of("/bin/sh", "-c", script);
    }

    /**
     * {@return this request with another limit}
     *
     * @param limit more than nothing; see {@link #limit()} for what it bounds
     */
    default ExecRequest withLimit(Duration limit) {
        return builder().from(this).limit(limit).build();
    }

    /**
     * {@return this request with a standard input}
     *
     * @param input read once for each run; what it cannot give fails the run
     */
    default ExecRequest withStdin(GuestInput input) {
        return builder().from(this).stdin(input).build();
    }

    /**
     * Checks the facts that need no guest; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        if (command().isEmpty() || command().get(0).isEmpty()) {
            throw new IllegalArgumentException("ExecRequest.command = " + command() + ": must name a program");
        }
        command().forEach(word -> checkWord("ExecRequest.command", word));
        environment().forEach((name, value) -> {
            if (!VariableName.PATTERN.matcher(name).matches()) {
                throw new IllegalArgumentException("ExecRequest.environment = " + name
                        + ": a shell cannot export this name; use letters, digits and '_', not starting with a digit");
            }
            checkWord("ExecRequest.environment " + name, value);
        });
        if (!workingFolder().startsWith("/")) {
            throw new IllegalArgumentException("ExecRequest.workingFolder = " + workingFolder() + ": must be absolute");
        }
        checkWord("ExecRequest.workingFolder", workingFolder());
        if (limit().isNegative() || limit().isZero()) {
            throw new IllegalArgumentException("ExecRequest.limit = " + limit() + ": must be more than nothing");
        }
        if (maxCapturedBytes() < 0) {
            throw new IllegalArgumentException(
                    "ExecRequest.maxCapturedBytes = " + maxCapturedBytes() + ": must not be negative");
        }
    }

    private static void checkWord(String attribute, String word) {
        if (word.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(attribute + " = " + word.replace('\0', '?') + ": must not contain NUL");
        }
        int bytes = word.getBytes(StandardCharsets.UTF_8).length;
        if (bytes >= MAX_ARGUMENT_BYTES) {
            throw new IllegalArgumentException(attribute + " = " + word.substring(0, 40) + "...: has " + bytes
                    + " bytes, Linux takes at most " + (MAX_ARGUMENT_BYTES - 1) + "; hand it over as standard input");
        }
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableExecRequest.builder();
    }

    /** Builds an {@link ExecRequest}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableExecRequest.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists and maps are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(ExecRequest value);

        /**
         * Adds the program and its arguments; required.
         *
         * @param words appended to those there are; the first of all is the program
         * @return this builder
         */
        public abstract Builder addCommand(String... words);

        /**
         * Adds the program and its arguments.
         *
         * @param words appended to those there are; may be empty
         * @return this builder
         */
        public abstract Builder addAllCommand(Iterable<String> words);

        /**
         * Adds an environment variable.
         *
         * @param name letters, digits and '_', not starting with a digit (POSIX); one that is there already gets the new value
         * @param value any text without NUL
         * @return this builder
         */
        public abstract Builder putEnvironment(String name, String value);

        /**
         * Adds environment variables.
         *
         * @param variables names and values as for {@link #putEnvironment}
         * @return this builder
         */
        public abstract Builder putAllEnvironment(Map<String, ? extends String> variables);

        /**
         * Sets the folder it runs in.
         *
         * @param value absolute, in the guest; default {@code /}
         * @return this builder
         */
        public abstract Builder workingFolder(String value);

        /**
         * Sets its standard input.
         *
         * @param value read once for each run; not set: the command reads an end of file at once
         * @return this builder
         */
        public abstract Builder stdin(GuestInput value);

        /**
         * Sets how long its end is waited for.
         *
         * @param value more than nothing; default 60 seconds
         * @return this builder
         */
        public abstract Builder limit(Duration value);

        /**
         * Sets how many bytes of each stream are kept.
         *
         * @param value 0 or more, for each stream; default 64 MiB. The rest goes to the sinks only
         * @return this builder
         */
        public abstract Builder maxCapturedBytes(int value);

        /**
         * Sets a sink for the lines of standard output.
         *
         * @param value given each line without its end; called on a thread of the library, one call at a time; one that
         *     blocks holds the command up, see {@link #stdoutTo()}
         * @return this builder
         */
        public abstract Builder stdoutLines(Consumer<String> value);

        /**
         * Sets a sink for the lines of standard error.
         *
         * @param value given each line without its end; called on a thread of the library, one call at a time; one that
         *     blocks holds the command up, see {@link #stdoutTo()}
         * @return this builder
         */
        public abstract Builder stderrLines(Consumer<String> value);

        /**
         * Sets a sink for the bytes of standard output.
         *
         * @param value written to on a thread of the library, neither flushed nor closed
         * @return this builder
         */
        public abstract Builder stdoutTo(OutputStream value);

        /**
         * Sets a sink for the bytes of standard error.
         *
         * @param value written to on a thread of the library, neither flushed nor closed
         * @return this builder
         */
        public abstract Builder stderrTo(OutputStream value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract ExecRequest build();
    }
}

/** What a POSIX shell takes as a variable's name. (POSIX.1-2017, XBD 3.235.) */
final class VariableName {
    static final Pattern PATTERN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private VariableName() {}
}
