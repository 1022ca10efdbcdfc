/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a reply or the data of an event, value by value. Members that are not read are skipped, so that the additions of a newer QEMU
 * disturb nobody:
 *
 * <pre>{@code
 * reader.beginObject();
 * while (reader.nextMember()) {
 *     switch (reader.name()) {
 *         case "running" -> running = reader.bool();
 *         case "status" -> status = RunState.of(reader.string());
 *         default -> {}
 *     }
 * }
 * }</pre>
 *
 * <p>Each method that finds something else than it asks for throws {@link QmpProtocolException}, naming the place.
 */
public final class QmpReader {
    private final Deque<Level> levels = new ArrayDeque<>();
    private @Nullable JsonValue current;

    private QmpReader(JsonValue root) {
        this.current = root;
    }

    /** An object or array that is being read. */
    private static final class Level {
        final @Nullable Iterator<Map.Entry<String, JsonValue>> members;
        final Iterator<JsonValue> items;
        String name = "";
        int index = -1;

        Level(JsonValue.Obj object) {
            members = object.members().entrySet().iterator();
            items = List.<JsonValue>of().iterator();
        }

        Level(JsonValue.Arr array) {
            members = null;
            items = array.items().iterator();
        }

        @Nullable
        JsonValue next() {
            if (members != null && members.hasNext()) {
                Map.Entry<String, JsonValue> member = members.next();
                name = member.getKey();
                return member.getValue();
            }
            if (items.hasNext()) {
                index++;
                return items.next();
            }
            return null;
        }
    }

    /**
     * Returns a reader that stands before a value.
     *
     * @param value the value
     * @return the reader
     */
    public static QmpReader of(JsonValue value) {
        return new QmpReader(value);
    }

    /**
     * Tells what comes next, without reading it.
     *
     * @return the kind of the next value
     */
    public JsonValue.Kind peek() {
        return here().kind();
    }

    /** Enters an object. Its members are then reached by {@link #nextMember()}. */
    public void beginObject() {
        levels.push(new Level(take(JsonValue.Obj.class, "an object")));
    }

    /**
     * Goes on to the next member of the innermost object, skipping what is unread of the last one, or leaves the object at its end.
     *
     * @return false when the object has ended
     */
    public boolean nextMember() {
        return next();
    }

    /**
     * Returns the name of the member at which this reader stands.
     *
     * @return the name
     */
    public String name() {
        return levels.element().name;
    }

    /** Enters an array. Its items are then reached by {@link #nextItem()}. */
    public void beginArray() {
        levels.push(new Level(take(JsonValue.Arr.class, "an array")));
    }

    /**
     * Goes on to the next item of the innermost array, skipping what is unread of the last one, or leaves the array at its end.
     *
     * @return false when the array has ended
     */
    public boolean nextItem() {
        return next();
    }

    /**
     * Reads a text.
     *
     * @return the text
     */
    public String string() {
        return take(JsonValue.Str.class, "a string").value();
    }

    /**
     * Reads an integer of 64 bits, signed or unsigned: introspection does not tell which. Values of 2^63 and above come out negative; see
     * {@link Long#toUnsignedString(long)}. A number written with a fraction or an exponent is refused, as QEMU itself does.
     *
     * @return the 64 bits
     */
    public long integer() {
        String expected = "a 64-bit integer";
        if (current instanceof JsonValue.Num number) {
            try {
                long bits = number.bits();
                current = null;
                return bits;
            } catch (ArithmeticException e) {
                throw unexpected(expected, e);
            }
        }
        throw unexpected(expected, null);
    }

    /**
     * Reads a number of any form.
     *
     * @return the nearest floating-point value
     */
    public double number() {
        return take(JsonValue.Num.class, "a number").doubleValue();
    }

    /**
     * Reads a truth value.
     *
     * @return the value
     */
    public boolean bool() {
        return take(JsonValue.Bool.class, "a boolean").value();
    }

    /**
     * Reads whatever comes next.
     *
     * @return the value
     */
    public JsonValue value() {
        JsonValue value = here();
        current = null;
        return value;
    }

    /**
     * Reads an array of equal things.
     *
     * @param each reads one item
     * @param <T> the type of the items
     * @return the items, unmodifiable
     */
    public <T> List<T> list(Function<? super QmpReader, ? extends T> each) {
        List<T> items = new ArrayList<>();
        beginArray();
        while (nextItem()) {
            items.add(each.apply(this));
        }
        return List.copyOf(items);
    }

    /**
     * Checks that a member without which a value makes no sense was there.
     *
     * @param value what was read, or null if the member did not appear
     * @param name the member's name
     * @param <T> the type
     * @return the value
     * @throws QmpProtocolException if it is null
     */
    public <T> T require(@Nullable T value, String name) {
        if (value == null) {
            throw new QmpProtocolException("the member '" + name + "' is missing at " + place());
        }
        return value;
    }

    private boolean next() {
        current = levels.element().next();
        if (current == null) {
            levels.pop();
            return false;
        }
        return true;
    }

    private JsonValue here() {
        if (current == null) {
            throw new IllegalStateException("the value at " + place() + " was read already");
        }
        return current;
    }

    private <T extends JsonValue> T take(Class<T> type, String expected) {
        JsonValue value = here();
        if (!type.isInstance(value)) {
            throw unexpected(expected, null);
        }
        current = null;
        return type.cast(value);
    }

    private QmpProtocolException unexpected(String expected, @Nullable Throwable cause) {
        return new QmpProtocolException(
                "expected " + expected + " at " + place() + ", found " + JsonFormat.abbreviate(here()), cause);
    }

    private String place() {
        StringBuilder path = new StringBuilder("$");
        levels.descendingIterator().forEachRemaining(level -> {
            if (level.members == null) {
                path.append('[').append(level.index).append(']');
            } else if (!level.name.isEmpty()) {
                path.append('.').append(level.name);
            }
        });
        return path.toString();
    }
}
