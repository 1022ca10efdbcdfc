/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the arguments of a command as compact JSON. A {@link QmpCommand} gets one that stands inside the arguments object: it writes the
 * members, and nothing at all if it has none.
 *
 * <p>Leave out absent optional members: QEMU refuses {@code null} for them.
 */
public final class QmpWriter {
    private final JsonGenerator out;
    /** The name under which an object is opened before the first member, which saves "arguments":{} where there is none. */
    private final String lazyObject;

    /** Whether numbers that JSON does not have are written as texts: for comparing and showing, and never to be sent. */
    private final boolean lenient;

    private boolean lazyObjectOpen;
    /** Jackson itself closes an object whose last member has a name and no value. */
    private boolean nameWithoutValue;

    QmpWriter(JsonGenerator out) {
        this(out, "", false);
    }

    private QmpWriter(JsonGenerator out, String lazyObject, boolean lenient) {
        this.out = out;
        this.lazyObject = lazyObject;
        this.lenient = lenient;
    }

    /**
     * Writes an object apart from any connection, for instance to look at a command's arguments.
     *
     * @param members writes the members
     * @return the object
     */
    public static JsonValue.Obj object(Consumer<QmpWriter> members) {
        return object(members, false);
    }

    private static JsonValue.Obj object(Consumer<QmpWriter> members, boolean lenient) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator generator = JsonFormat.generator(bytes)) {
            generator.writeStartObject();
            QmpWriter writer = new QmpWriter(generator, "", lenient);
            members.accept(writer);
            writer.requireDepth(1);
            generator.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("the members do not make an object: " + e.getMessage(), e);
        }
        return (JsonValue.Obj) JsonValue.parse(bytes.toString(StandardCharsets.UTF_8));
    }

    /** Any value as what it is on the wire, to compare and to show it. */
    static JsonValue json(QmpData value) {
        return value instanceof JsonValue json ? json : written(out -> out.value(value), true);
    }

    /** What is written as one value. */
    static JsonValue written(Consumer<QmpWriter> value) {
        return written(value, false);
    }

    private static JsonValue written(Consumer<QmpWriter> value, boolean lenient) {
        return object(out -> value.accept(out.name("value")), lenient)
                .members()
                .getOrDefault("value", JsonValue.Null.NULL);
    }

    /**
     * Writes a command up to and with the colon before its id. QEMU reads a monitor byte by byte at about 4 us each, so not a
     * byte too many: no blanks, no empty arguments, and no line end (which, unread, would also turn the end after quit into a reset).
     */
    static byte[] commandUpToId(String verb, QmpCommand<?> command) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (JsonGenerator generator =
                JsonFormat.generator(bytes).disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT)) {
            generator.writeStartObject();
            generator.writeStringField(verb, command.name());
            QmpWriter writer = new QmpWriter(generator, "arguments", false);
            command.writeMembers(writer);
            writer.requireDepth(writer.lazyObjectOpen ? 2 : 1);
            if (writer.lazyObjectOpen) {
                generator.writeEndObject();
            }
            generator.writeFieldName("id");
            generator.flush();
            bytes.write(':');
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the command " + command.name() + " does not write valid arguments: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    private void requireDepth(int depth) {
        if (out.getOutputContext().getNestingDepth() != depth || nameWithoutValue) {
            throw new IllegalStateException(
                    "a member has no value, or an object or array was left open or closed twice");
        }
    }

    /**
     * Starts a member; its value must follow.
     *
     * @param name the member's name
     * @return this
     */
    public QmpWriter name(String name) {
        return run(() -> {
            if (!lazyObject.isEmpty() && !lazyObjectOpen) {
                lazyObjectOpen = true;
                out.writeObjectFieldStart(lazyObject);
            }
            out.writeFieldName(name);
            nameWithoutValue = true;
        });
    }

    /**
     * Opens an object as a member's value or an array's item.
     *
     * @return this
     */
    public QmpWriter beginObject() {
        return emit(out::writeStartObject);
    }

    /**
     * Closes the innermost object.
     *
     * @return this
     */
    public QmpWriter endObject() {
        return run(() -> {
            if (nameWithoutValue) {
                throw new IllegalStateException("the last member of an object has no value");
            }
            out.writeEndObject();
        });
    }

    /**
     * Opens an array as a member's value or an array's item.
     *
     * @return this
     */
    public QmpWriter beginArray() {
        return emit(out::writeStartArray);
    }

    /**
     * Closes the innermost array.
     *
     * @return this
     */
    public QmpWriter endArray() {
        return run(out::writeEndArray);
    }

    /**
     * Writes a text.
     *
     * @param value the text
     * @return this
     */
    public QmpWriter value(String value) {
        return emit(() -> out.writeString(value));
    }

    /**
     * Writes an integer.
     *
     * @param value the signed value
     * @return this
     */
    public QmpWriter value(long value) {
        return emit(() -> out.writeNumber(value));
    }

    /**
     * Writes a floating-point number.
     *
     * @param value the value
     * @return this
     * @throws IllegalArgumentException if it is infinite or not a number, which JSON cannot say
     */
    public QmpWriter value(double value) {
        if (!Double.isFinite(value)) {
            if (lenient) {
                return value(Double.toString(value));
            }
            throw new IllegalArgumentException("JSON has no number for " + value);
        }
        return emit(() -> out.writeNumber(value));
    }

    /**
     * Writes a truth value.
     *
     * @param value the value
     * @return this
     */
    public QmpWriter value(boolean value) {
        return emit(() -> out.writeBoolean(value));
    }

    /**
     * Writes any value.
     *
     * @param value the value
     * @return this
     */
    public QmpWriter value(JsonValue value) {
        if (value instanceof JsonValue.Obj object) {
            beginObject();
            object.members().forEach((name, member) -> name(name).value(member));
            return endObject();
        } else if (value instanceof JsonValue.Arr array) {
            beginArray();
            array.items().forEach(this::value);
            return endArray();
        } else if (value instanceof JsonValue.Str string) {
            return value(string.value());
        } else if (value instanceof JsonValue.Bool bool) {
            return value(bool.value());
        } else if (value instanceof JsonValue.Num number) {
            return emit(() -> out.writeNumber(number.value()));
        }
        return emit(out::writeNull);
    }

    /**
     * Writes a text member; nothing if it is null.
     *
     * @param name the member's name
     * @param value its value or null
     * @return this
     */
    public QmpWriter member(String name, @Nullable String value) {
        return value == null ? this : name(name).value(value);
    }

    /**
     * Writes an integer member; nothing if it is null.
     *
     * @param name the member's name
     * @param value its value or null
     * @return this
     */
    public QmpWriter member(String name, @Nullable Long value) {
        return value == null ? this : name(name).value(value.longValue());
    }

    /**
     * Writes a floating-point member; nothing if it is null.
     *
     * @param name the member's name
     * @param value its value or null
     * @return this
     * @throws IllegalArgumentException if it is infinite or not a number, which JSON cannot say
     */
    public QmpWriter member(String name, @Nullable Double value) {
        return value == null ? this : name(name).value(value.doubleValue());
    }

    /**
     * Writes a boolean member; nothing if it is null.
     *
     * @param name the member's name
     * @param value its value or null
     * @return this
     */
    public QmpWriter member(String name, @Nullable Boolean value) {
        return value == null ? this : name(name).value(value.booleanValue());
    }

    /**
     * Writes a member of any type; nothing if it is null.
     *
     * @param name the member's name
     * @param value its value or null
     * @return this
     */
    public QmpWriter member(String name, @Nullable QmpData value) {
        return value == null ? this : name(name).value(value);
    }

    /**
     * Writes an array member; nothing if it is null.
     *
     * @param name the member's name
     * @param items its items, each a String, Long, Double, Boolean, {@link QmpData} or List of such; or null
     * @return this
     * @throws IllegalArgumentException if an item is of another type
     */
    public QmpWriter member(String name, @Nullable List<?> items) {
        return items == null ? this : name(name).value(items);
    }

    /**
     * Writes a value that writes itself.
     *
     * @param value the value
     * @return this
     */
    public QmpWriter value(QmpData value) {
        value.write(this);
        return this;
    }

    /**
     * Writes an array.
     *
     * @param items its items, each a String, Long, Double, Boolean, {@link QmpData} or List of such
     * @return this
     * @throws IllegalArgumentException if an item is of another type
     */
    public QmpWriter value(List<?> items) {
        beginArray();
        items.forEach(this::item);
        return endArray();
    }

    void item(Object item) {
        if (item instanceof String text) {
            value(text);
        } else if (item instanceof Long integer) {
            value(integer.longValue());
        } else if (item instanceof Double number) {
            value(number.doubleValue());
        } else if (item instanceof Boolean bool) {
            value(bool.booleanValue());
        } else if (item instanceof QmpData data) {
            value(data);
        } else if (item instanceof List<?> list) {
            value(list);
        } else {
            throw new IllegalArgumentException("cannot write an item of " + item.getClass());
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private QmpWriter emit(Step step) {
        nameWithoutValue = false;
        return run(step);
    }

    private QmpWriter run(Step step) {
        try {
            step.run();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("this does not make valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }
}
