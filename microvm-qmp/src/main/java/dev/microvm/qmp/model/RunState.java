/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What state a virtual machine is in. An open enumeration: values of a newer QEMU are kept as they are. */
public final class RunState {
    /** {@code debug}. */
    public static final RunState DEBUG = new RunState("debug", Known.DEBUG);

    /** {@code finish-migrate}. */
    public static final RunState FINISH_MIGRATE = new RunState("finish-migrate", Known.FINISH_MIGRATE);

    /** {@code inmigrate}. */
    public static final RunState INMIGRATE = new RunState("inmigrate", Known.INMIGRATE);

    /** {@code internal-error}. */
    public static final RunState INTERNAL_ERROR = new RunState("internal-error", Known.INTERNAL_ERROR);

    /** {@code io-error}. */
    public static final RunState IO_ERROR = new RunState("io-error", Known.IO_ERROR);

    /** {@code paused}. */
    public static final RunState PAUSED = new RunState("paused", Known.PAUSED);

    /** {@code postmigrate}. */
    public static final RunState POSTMIGRATE = new RunState("postmigrate", Known.POSTMIGRATE);

    /** {@code prelaunch}. */
    public static final RunState PRELAUNCH = new RunState("prelaunch", Known.PRELAUNCH);

    /** {@code restore-vm}. */
    public static final RunState RESTORE_VM = new RunState("restore-vm", Known.RESTORE_VM);

    /** {@code running}. */
    public static final RunState RUNNING = new RunState("running", Known.RUNNING);

    /** {@code save-vm}. */
    public static final RunState SAVE_VM = new RunState("save-vm", Known.SAVE_VM);

    /** {@code shutdown}. */
    public static final RunState SHUTDOWN = new RunState("shutdown", Known.SHUTDOWN);

    /** {@code suspended}. */
    public static final RunState SUSPENDED = new RunState("suspended", Known.SUSPENDED);

    /** {@code watchdog}. */
    public static final RunState WATCHDOG = new RunState("watchdog", Known.WATCHDOG);

    /** {@code guest-panicked}. */
    public static final RunState GUEST_PANICKED = new RunState("guest-panicked", Known.GUEST_PANICKED);

    /** {@code colo}. */
    public static final RunState COLO = new RunState("colo", Known.COLO);

    private final String value;
    private final @Nullable Known known;

    private RunState(String value, @Nullable Known known) {
        this.value = value;
        this.known = known;
    }

    /** The values known to this library, for {@code switch}. */
    public enum Known {
        /** {@code debug}. */
        DEBUG,
        /** {@code finish-migrate}. */
        FINISH_MIGRATE,
        /** {@code inmigrate}. */
        INMIGRATE,
        /** {@code internal-error}. */
        INTERNAL_ERROR,
        /** {@code io-error}. */
        IO_ERROR,
        /** {@code paused}. */
        PAUSED,
        /** {@code postmigrate}. */
        POSTMIGRATE,
        /** {@code prelaunch}. */
        PRELAUNCH,
        /** {@code restore-vm}. */
        RESTORE_VM,
        /** {@code running}. */
        RUNNING,
        /** {@code save-vm}. */
        SAVE_VM,
        /** {@code shutdown}. */
        SHUTDOWN,
        /** {@code suspended}. */
        SUSPENDED,
        /** {@code watchdog}. */
        WATCHDOG,
        /** {@code guest-panicked}. */
        GUEST_PANICKED,
        /** {@code colo}. */
        COLO
    }

    /**
     * Returns the constant of a value, or a new object for a value this library does not know.
     *
     * @param value the value on the wire
     * @return the value
     */
    public static RunState of(String value) {
        return switch (value) {
            case "debug" -> DEBUG;
            case "finish-migrate" -> FINISH_MIGRATE;
            case "inmigrate" -> INMIGRATE;
            case "internal-error" -> INTERNAL_ERROR;
            case "io-error" -> IO_ERROR;
            case "paused" -> PAUSED;
            case "postmigrate" -> POSTMIGRATE;
            case "prelaunch" -> PRELAUNCH;
            case "restore-vm" -> RESTORE_VM;
            case "running" -> RUNNING;
            case "save-vm" -> SAVE_VM;
            case "shutdown" -> SHUTDOWN;
            case "suspended" -> SUSPENDED;
            case "watchdog" -> WATCHDOG;
            case "guest-panicked" -> GUEST_PANICKED;
            case "colo" -> COLO;
            default -> new RunState(value, null);
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
        return other instanceof RunState that && value.equals(that.value);
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
