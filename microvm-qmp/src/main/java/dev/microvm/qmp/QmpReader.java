/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One value of a reply or of an event, and how to take it apart. Members that nobody asks for are skipped, so that the additions of a
 * newer QEMU disturb nobody:
 *
 * <pre>{@code
 * static StatusInfo read(QmpReader in) {
 *     return new StatusInfo(in.bool("running"), RunState.of(in.string("status")), in.boolOrNull("singlestep"));
 * }
 * }</pre>
 *
 * <p>It is immutable: a value may be looked at as often as one likes, and in any order. Each method that finds something else than it asks
 * for throws {@link QmpProtocolException}, naming the place. A member whose value is {@code null} counts as absent where absence is allowed, but for
 * {@link #contains(String)}: a few types have a null of their own.
 */
public final class QmpReader {
    private final JsonValue value;
    private final @Nullable QmpReader parent;
    private final String step;

    private QmpReader(JsonValue value, @Nullable QmpReader parent, String step) {
        this.value = value;
        this.parent = parent;
        this.step = step;
    }

    /**
     * Returns a reader of a value.
     *
     * @param value the value
     * @return the reader
     */
    public static QmpReader of(JsonValue value) {
        return new QmpReader(value, null, "$");
    }

    /**
     * Returns the value as it is.
     *
     * @return the value
     */
    public JsonValue value() {
        return value;
    }

    /**
     * Returns the value as an object.
     *
     * @return the object
     */
    public JsonValue.Obj object() {
        return as(JsonValue.Obj.class, "an object");
    }

    /**
     * Reads a text.
     *
     * @return the text
     */
    public String string() {
        return as(JsonValue.Str.class, "a string").value();
    }

    /**
     * Reads an integer of 64 bits, signed or unsigned: introspection does not tell which. Values of 2^63 and above come out negative; see
     * {@link Long#toUnsignedString(long)}. A number written with a fraction or an exponent is refused, as QEMU itself does.
     *
     * @return the 64 bits
     */
    public long integer() {
        String expected = "a 64-bit integer";
        try {
            return as(JsonValue.Num.class, expected).bits();
        } catch (ArithmeticException e) {
            throw unexpected(expected, e);
        }
    }

    /**
     * Reads a number of any form.
     *
     * @return the nearest floating-point value
     */
    public double number() {
        return as(JsonValue.Num.class, "a number").doubleValue();
    }

    /**
     * Reads a truth value.
     *
     * @return the value
     */
    public boolean bool() {
        return as(JsonValue.Bool.class, "a boolean").value();
    }

    /**
     * Reads an array of equal things.
     *
     * @param each reads one item
     * @param <T> the type of the items
     * @return the items, unmodifiable
     */
    public <T> List<T> list(Function<? super QmpReader, ? extends T> each) {
        List<JsonValue> items = as(JsonValue.Arr.class, "an array").items();
        List<T> read = new ArrayList<>(items.size());
        for (JsonValue item : items) {
            read.add(each.apply(new QmpReader(item, this, "[" + read.size() + "]")));
        }
        return List.copyOf(read);
    }

    /**
     * Tells whether this is an object that has a member other than {@code null}.
     *
     * @param name the member's name
     * @return true if it is there
     */
    public boolean has(String name) {
        return memberOrNull(name) != null;
    }

    /**
     * Tells whether this is an object that has a member, be it {@code null}.
     *
     * @param name the member's name
     * @return true if it is there
     */
    public boolean contains(String name) {
        return object().members().containsKey(name);
    }

    /**
     * Returns a reader of a member.
     *
     * @param name the member's name
     * @return the reader
     * @throws QmpProtocolException if this is no object or has no such member
     */
    public QmpReader member(String name) {
        JsonValue member = object().members().get(name);
        if (member == null) {
            throw new QmpProtocolException("the member '" + name + "' is missing at " + place());
        }
        return new QmpReader(member, this, "." + name);
    }

    /**
     * Returns a reader of a member that may be absent.
     *
     * @param name the member's name
     * @return the reader; null if there is no such member or its value is {@code null}
     * @throws QmpProtocolException if this is no object
     */
    public @Nullable QmpReader memberOrNull(String name) {
        JsonValue member = object().members().get(name);
        return member == null || member == JsonValue.Null.NULL ? null : new QmpReader(member, this, "." + name);
    }

    /**
     * Returns a reader of the same object without some of its members, for a part of it whose members stand on the same level.
     *
     * @param names the members' names
     * @return the reader
     * @throws QmpProtocolException if this is no object
     */
    public QmpReader without(String... names) {
        Map<String, JsonValue> rest = new LinkedHashMap<>(object().members());
        for (String name : names) {
            rest.remove(name);
        }
        return new QmpReader(new JsonValue.Obj(rest), parent, step);
    }

    /**
     * Reads a text that must be there; see {@link #string()}.
     *
     * @param name the member's name
     * @return the text
     */
    public String string(String name) {
        return member(name).string();
    }

    /**
     * Reads an integer that must be there; see {@link #integer()}.
     *
     * @param name the member's name
     * @return the 64 bits
     */
    public long integer(String name) {
        return member(name).integer();
    }

    /**
     * Reads a number that must be there; see {@link #number()}.
     *
     * @param name the member's name
     * @return the number
     */
    public double number(String name) {
        return member(name).number();
    }

    /**
     * Reads a truth value that must be there; see {@link #bool()}.
     *
     * @param name the member's name
     * @return the value
     */
    public boolean bool(String name) {
        return member(name).bool();
    }

    /**
     * Reads a text that may be absent.
     *
     * @param name the member's name
     * @return the text or null
     */
    public @Nullable String stringOrNull(String name) {
        QmpReader member = memberOrNull(name);
        return member == null ? null : member.string();
    }

    /**
     * Reads an integer that may be absent; see {@link #integer()}.
     *
     * @param name the member's name
     * @return the 64 bits or null
     */
    public @Nullable Long integerOrNull(String name) {
        QmpReader member = memberOrNull(name);
        return member == null ? null : member.integer();
    }

    /**
     * Reads a number that may be absent; see {@link #number()}.
     *
     * @param name the member's name
     * @return the number or null
     */
    public @Nullable Double numberOrNull(String name) {
        QmpReader member = memberOrNull(name);
        return member == null ? null : member.number();
    }

    /**
     * Reads a truth value that may be absent.
     *
     * @param name the member's name
     * @return the value or null
     */
    public @Nullable Boolean boolOrNull(String name) {
        QmpReader member = memberOrNull(name);
        return member == null ? null : member.bool();
    }

    private <T extends JsonValue> T as(Class<T> type, String expected) {
        if (!type.isInstance(value)) {
            throw unexpected(expected, null);
        }
        return type.cast(value);
    }

    private QmpProtocolException unexpected(String expected, @Nullable Throwable cause) {
        // Whether it is a secret is told by the name of its member.
        String name = step.substring(step.lastIndexOf('.') + 1);
        JsonValue shown = Redaction.redact(name, value);
        return new QmpProtocolException(
                "expected " + expected + " at " + place() + ", found " + JsonFormat.abbreviate(shown), cause);
    }

    private String place() {
        return parent == null ? step : parent.place() + step;
    }
}
