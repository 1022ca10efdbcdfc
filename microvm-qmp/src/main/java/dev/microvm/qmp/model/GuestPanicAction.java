/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.model;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What QEMU does when the guest panics. An open enumeration: values of a newer QEMU are kept as they are. */
public final class GuestPanicAction {
    /** {@code pause}. */
    public static final GuestPanicAction PAUSE = new GuestPanicAction("pause", Known.PAUSE);

    /** {@code poweroff}. */
    public static final GuestPanicAction POWEROFF = new GuestPanicAction("poweroff", Known.POWEROFF);

    /** {@code run}. */
    public static final GuestPanicAction RUN = new GuestPanicAction("run", Known.RUN);

    private final String value;
    private final @Nullable Known known;

    private GuestPanicAction(String value, @Nullable Known known) {
        this.value = value;
        this.known = known;
    }

    /** The values known to this library, for {@code switch}. */
    public enum Known {
        /** {@code pause}. */
        PAUSE,
        /** {@code poweroff}. */
        POWEROFF,
        /** {@code run}. */
        RUN
    }

    /**
     * Returns the constant of a value, or a new object for a value this library does not know.
     *
     * @param value the value on the wire
     * @return the value
     */
    public static GuestPanicAction of(String value) {
        return switch (value) {
            case "pause" -> PAUSE;
            case "poweroff" -> POWEROFF;
            case "run" -> RUN;
            default -> new GuestPanicAction(value, null);
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
        return other instanceof GuestPanicAction that && value.equals(that.value);
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
