/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a virtual machine was shut down or reset. An open enumeration: values of a newer QEMU are kept as they are. */
public final class ShutdownCause {
    /** {@code none}. */
    public static final ShutdownCause NONE = new ShutdownCause("none", Known.NONE);

    /** {@code host-error}. */
    public static final ShutdownCause HOST_ERROR = new ShutdownCause("host-error", Known.HOST_ERROR);

    /** {@code host-qmp-quit}. */
    public static final ShutdownCause HOST_QMP_QUIT = new ShutdownCause("host-qmp-quit", Known.HOST_QMP_QUIT);

    /** {@code host-qmp-system-reset}. */
    public static final ShutdownCause HOST_QMP_SYSTEM_RESET =
            new ShutdownCause("host-qmp-system-reset", Known.HOST_QMP_SYSTEM_RESET);

    /** {@code host-signal}. */
    public static final ShutdownCause HOST_SIGNAL = new ShutdownCause("host-signal", Known.HOST_SIGNAL);

    /** {@code host-ui}. */
    public static final ShutdownCause HOST_UI = new ShutdownCause("host-ui", Known.HOST_UI);

    /** {@code guest-shutdown}. */
    public static final ShutdownCause GUEST_SHUTDOWN = new ShutdownCause("guest-shutdown", Known.GUEST_SHUTDOWN);

    /** {@code guest-reset}. */
    public static final ShutdownCause GUEST_RESET = new ShutdownCause("guest-reset", Known.GUEST_RESET);

    /** {@code guest-panic}. */
    public static final ShutdownCause GUEST_PANIC = new ShutdownCause("guest-panic", Known.GUEST_PANIC);

    /** {@code subsystem-reset}. */
    public static final ShutdownCause SUBSYSTEM_RESET = new ShutdownCause("subsystem-reset", Known.SUBSYSTEM_RESET);

    /** {@code snapshot-load}. */
    public static final ShutdownCause SNAPSHOT_LOAD = new ShutdownCause("snapshot-load", Known.SNAPSHOT_LOAD);

    private final String value;
    private final @Nullable Known known;

    private ShutdownCause(String value, @Nullable Known known) {
        this.value = value;
        this.known = known;
    }

    /** The values known to this library, for {@code switch}. */
    public enum Known {
        /** {@code none}. */
        NONE,
        /** {@code host-error}. */
        HOST_ERROR,
        /** {@code host-qmp-quit}. */
        HOST_QMP_QUIT,
        /** {@code host-qmp-system-reset}. */
        HOST_QMP_SYSTEM_RESET,
        /** {@code host-signal}. */
        HOST_SIGNAL,
        /** {@code host-ui}. */
        HOST_UI,
        /** {@code guest-shutdown}. */
        GUEST_SHUTDOWN,
        /** {@code guest-reset}. */
        GUEST_RESET,
        /** {@code guest-panic}. */
        GUEST_PANIC,
        /** {@code subsystem-reset}. */
        SUBSYSTEM_RESET,
        /** {@code snapshot-load}. */
        SNAPSHOT_LOAD
    }

    /**
     * Returns the constant of a value, or a new object for a value this library does not know.
     *
     * @param value the value on the wire
     * @return the value
     */
    public static ShutdownCause of(String value) {
        return switch (value) {
            case "none" -> NONE;
            case "host-error" -> HOST_ERROR;
            case "host-qmp-quit" -> HOST_QMP_QUIT;
            case "host-qmp-system-reset" -> HOST_QMP_SYSTEM_RESET;
            case "host-signal" -> HOST_SIGNAL;
            case "host-ui" -> HOST_UI;
            case "guest-shutdown" -> GUEST_SHUTDOWN;
            case "guest-reset" -> GUEST_RESET;
            case "guest-panic" -> GUEST_PANIC;
            case "subsystem-reset" -> SUBSYSTEM_RESET;
            case "snapshot-load" -> SNAPSHOT_LOAD;
            default -> new ShutdownCause(value, null);
        };
    }

    /**
     * Returns the value on the wire.
     *
     * @return the value
     */
    public String value() {
        return value;
    }

    /**
     * Tells whether this library knows the value.
     *
     * @return true for the constants of this class
     */
    public boolean isKnown() {
        return known != null;
    }

    /**
     * Returns the value for {@code switch}.
     *
     * @return the constant; empty for a value this library does not know
     */
    public Optional<Known> known() {
        return Optional.ofNullable(known);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ShutdownCause that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
