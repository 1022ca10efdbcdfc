/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Builds a value of QMP member by member. The generated builders extend this; what they were given is read as if it had come from the
 * wire, so a built value is never more or less than what can be sent.
 *
 * @param <T> the type of the value
 */
public abstract class QmpBuilder<T> {
    private final Map<String, JsonValue> members = new LinkedHashMap<>();

    /** For the builders of generated types. */
    protected QmpBuilder() {}

    /**
     * Sets a member, or replaces it.
     *
     * @param name the member's name on the wire
     * @param value its value: a String, Long, Double, Boolean, {@link QmpData} or List of such
     * @throws NullPointerException if the value is null: what is absent is not set at all
     */
    protected final void set(String name, Object value) {
        Objects.requireNonNull(value, name);
        members.put(name, QmpWriter.written(out -> out.item(value)));
    }

    /**
     * Sets all members that an object has.
     *
     * @param value the object
     */
    protected final void setAll(QmpObject value) {
        members.putAll(QmpWriter.object(value::writeMembers).members());
    }

    /**
     * Reads the value.
     *
     * @param in the members that were set
     * @return the value
     * @throws QmpProtocolException if something is missing
     */
    protected abstract T read(QmpReader in);

    /**
     * Builds the value.
     *
     * @return the value
     * @throws IllegalStateException if something that must be given is not
     */
    public final T build() {
        try {
            return read(QmpReader.of(new JsonValue.Obj(members)));
        } catch (QmpProtocolException e) {
            throw new IllegalStateException(getClass().getName() + " cannot build: " + e.getMessage(), e);
        }
    }
}
