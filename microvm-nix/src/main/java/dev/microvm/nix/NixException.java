/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import dev.microvm.error.FailureReport;
import dev.microvm.error.MicroVmException;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A Nix program failed, or a store or its database is not what it should be; the message holds the cure as far as it is known. */
public final class NixException extends MicroVmException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> command;
    /** The program's exit code, kept when the exception is serialised; null where there is none. */
    private final @Nullable Integer exitCode;

    NixException(
            String headline,
            List<String> command,
            @Nullable Integer exitCode,
            FailureReport report,
            @Nullable Throwable cause) {
        super(headline, report, cause);
        this.command = List.copyOf(command);
        this.exitCode = exitCode;
    }

    /** Creates one for a store or a database, where no program was run. */
    NixException(String headline, FailureReport report, @Nullable Throwable cause) {
        this(headline, List.of(), null, report, cause);
    }

    /** {@return the program and its arguments; empty where the library read the store itself} */
    public List<String> command() {
        return command;
    }

    /** {@return the program's exit code, 128 + n for death by signal n; empty if it could not be run, or where none was run} */
    public OptionalInt exitCode() {
        return exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    /** {@return the last lines of the program's standard error; may be empty} */
    public List<String> stderrTail() {
        return report().stderrTail();
    }
}
