/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of an open enumeration: QEMU adds values from release to release, so one that this library does not know is kept as it is and
 * can be sent back. To {@code switch}, take its {@link #value()}.
 */
public abstract class QmpEnum implements QmpData {
    private final String value;
    private final boolean known;

    /**
     * Takes the value.
     *
     * @param value the text on the wire
     * @param known whether it is a constant of its class
     */
    protected QmpEnum(String value, boolean known) {
        this.value = value;
        this.known = known;
    }

    /**
     * Indexes the constants of an enumeration by their texts.
     *
     * @param constants the constants
     * @param <E> the enumeration
     * @return the constants by text, in their order; to be used as unmodifiable
     */
    @SafeVarargs
    protected static <E extends QmpEnum> Map<String, E> byValue(E... constants) {
        Map<String, E> index = new LinkedHashMap<>(constants.length * 2);
        for (E constant : constants) {
            index.put(constant.value(), constant);
        }
        return index;
    }

    /**
     * Returns the text on the wire.
     *
     * @return the text
     */
    public final String value() {
        return value;
    }

    /**
     * Tells whether this library knows the value.
     *
     * @return true for the constants of this class
     */
    public final boolean isKnown() {
        return known;
    }

    @Override
    public final void write(QmpWriter out) {
        out.value(value);
    }

    @Override
    @SuppressWarnings("EqualsGetClass") // equal texts of two enumerations are different values
    public final boolean equals(@Nullable Object other) {
        return other != null && other.getClass() == getClass() && ((QmpEnum) other).value.equals(value);
    }

    @Override
    public final int hashCode() {
        return value.hashCode();
    }

    @Override
    public final String toString() {
        return value;
    }
}
