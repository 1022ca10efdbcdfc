/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An immutable JSON value. Objects keep the order of their members, and numbers are exact: QMP carries unsigned 64-bit integers.
 *
 * <p>{@code toString()} is the compact JSON text, and {@link #parse} reads it back to an equal value.
 */
public sealed interface JsonValue extends QmpData {

    /** The six kinds of JSON values. */
    enum Kind {
        /** {@link Obj}. */
        OBJECT,
        /** {@link Arr}. */
        ARRAY,
        /** {@link Str}. */
        STRING,
        /** {@link Num}. */
        NUMBER,
        /** {@link Bool}. */
        BOOLEAN,
        /** {@link Null}. */
        NULL
    }

    /**
     * Parses one JSON value.
     *
     * @param json the text of exactly one value; of equal member names the last counts
     * @return the value
     * @throws IllegalArgumentException if the text is not JSON, is nested deeper than 1024 levels, or something follows the value
     */
    static JsonValue parse(String json) {
        return JsonFormat.parse(json);
    }

    /**
     * Returns what kind of value this is.
     *
     * @return the kind
     */
    default Kind kind() {
        return this instanceof Obj
                ? Kind.OBJECT
                : this instanceof Arr
                        ? Kind.ARRAY
                        : this instanceof Str
                                ? Kind.STRING
                                : this instanceof Num ? Kind.NUMBER : this instanceof Bool ? Kind.BOOLEAN : Kind.NULL;
    }

    @Override
    default void write(QmpWriter out) {
        out.value(this);
    }

    /**
     * An object.
     *
     * @param members the members in order, unmodifiable
     */
    record Obj(Map<String, JsonValue> members) implements JsonValue {
        /** The object without members. */
        public static final Obj EMPTY = new Obj(Map.of());

        /**
         * Copies the members, keeping their order.
         *
         * @param members copied, their order kept; no name and no value may be null
         */
        public Obj {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        /**
         * Returns an object of one member; see {@link #with}.
         *
         * @param name the member's name
         * @param value its value
         * @return the object
         */
        public static Obj of(String name, JsonValue value) {
            return EMPTY.with(name, value);
        }

        /**
         * Returns this object with a member added at the end, or replaced in its place.
         *
         * @param name the member's name
         * @param value its value
         * @return the new object
         */
        public Obj with(String name, JsonValue value) {
            Map<String, JsonValue> more = new LinkedHashMap<>(members);
            more.put(name, value);
            return new Obj(more);
        }

        /**
         * Returns this object with a text member.
         *
         * @param name the member's name
         * @param value its value
         * @return the new object
         */
        public Obj with(String name, String value) {
            return with(name, new Str(value));
        }

        /**
         * Returns this object with an integer member.
         *
         * @param name the member's name
         * @param value its value
         * @return the new object
         */
        public Obj with(String name, long value) {
            return with(name, Num.of(value));
        }

        /**
         * Returns this object with a boolean member.
         *
         * @param name the member's name
         * @param value its value
         * @return the new object
         */
        public Obj with(String name, boolean value) {
            return with(name, new Bool(value));
        }

        /**
         * Looks up a member of any kind.
         *
         * @param name the member's name
         * @return its value; empty if there is no such member
         */
        public Optional<JsonValue> find(String name) {
            return Optional.ofNullable(members.get(name));
        }

        /**
         * Returns a text member.
         *
         * @param name the member's name
         * @return its value
         * @throws QmpProtocolException if it is missing or of another kind
         */
        public String string(String name) {
            return member(name, Str.class).value();
        }

        /**
         * Returns an integer member.
         *
         * @param name the member's name
         * @return its value
         * @throws QmpProtocolException if it is missing, of another kind, not an integer or out of the range of a {@code long}
         */
        public long integer(String name) {
            Num number = member(name, Num.class);
            try {
                return number.longValue();
            } catch (ArithmeticException e) {
                throw new QmpProtocolException("member '" + name + "' is not a 64-bit integer but " + number, e);
            }
        }

        /**
         * Returns a boolean member.
         *
         * @param name the member's name
         * @return its value
         * @throws QmpProtocolException if it is missing or of another kind
         */
        public boolean bool(String name) {
            return member(name, Bool.class).value();
        }

        /**
         * Returns an object member.
         *
         * @param name the member's name
         * @return its value
         * @throws QmpProtocolException if it is missing or of another kind
         */
        public Obj object(String name) {
            return member(name, Obj.class);
        }

        /**
         * Returns an array member.
         *
         * @param name the member's name
         * @return its items
         * @throws QmpProtocolException if it is missing or of another kind
         */
        public List<JsonValue> array(String name) {
            return member(name, Arr.class).items();
        }

        private <T extends JsonValue> T member(String name, Class<T> type) {
            JsonValue value = members.get(name);
            if (type.isInstance(value)) {
                return type.cast(value);
            }
            throw new QmpProtocolException("member '" + name + "' "
                    + (value == null ? "is missing in " : "has the wrong kind " + value.kind() + " in ")
                    + JsonFormat.abbreviate(this));
        }

        // As a record's own, but with a third of the stack: values may be 1024 levels deep.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Obj that && members.equals(that.members);
        }

        @Override
        public int hashCode() {
            return members.hashCode();
        }

        @Override
        public String toString() {
            return JsonFormat.write(this);
        }
    }

    /**
     * An array.
     *
     * @param items the items in order, unmodifiable
     */
    record Arr(List<JsonValue> items) implements JsonValue {
        /**
         * Copies the items.
         *
         * @param items copied, their order kept; none may be null
         */
        public Arr {
            items = List.copyOf(items);
        }

        // As a record's own, but with a third of the stack: values may be 1024 levels deep.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Arr that && items.equals(that.items);
        }

        @Override
        public int hashCode() {
            return items.hashCode();
        }

        @Override
        public String toString() {
            return JsonFormat.write(this);
        }
    }

    /**
     * A text.
     *
     * @param value the text, without quotes and escapes
     */
    record Str(String value) implements JsonValue {
        @Override
        public String toString() {
            return JsonFormat.write(this);
        }
    }

    /**
     * A number, exactly as written: {@code 1} and {@code 1.0} are different values.
     *
     * @param value the exact value; its scale is 0 for integers, and greater or less than 0 for numbers with a fraction or an exponent
     */
    record Num(BigDecimal value) implements JsonValue {
        private static final BigInteger MAX_UNSIGNED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

        /**
         * Returns an integer.
         *
         * @param value its value
         * @return the number
         */
        public static Num of(long value) {
            return new Num(BigDecimal.valueOf(value));
        }

        /**
         * Returns an integer whose 64 bits are taken as unsigned.
         *
         * @param bits its value, where -1 stands for 2^64-1
         * @return the number
         */
        public static Num ofUnsigned(long bits) {
            return new Num(new BigDecimal(Long.toUnsignedString(bits)));
        }

        /**
         * Tells whether the number is written as an integer.
         *
         * @return true without fraction and exponent
         */
        public boolean isInteger() {
            return value.scale() == 0;
        }

        /**
         * Returns the value of an integer that fits.
         *
         * @return the value
         * @throws ArithmeticException if the number is not written as an integer or does not fit
         */
        public long longValue() {
            return integer().longValueExact();
        }

        /**
         * Returns the 64 bits of an integer from -2^63 to 2^64-1; read those of 2^63 and above with {@link Long#toUnsignedString(long)}.
         *
         * @return the bits
         * @throws ArithmeticException if the number is not written as an integer or has more bits
         */
        public long bits() {
            BigInteger integer = integer();
            return integer.signum() > 0 && integer.compareTo(MAX_UNSIGNED) <= 0
                    ? integer.longValue()
                    : integer.longValueExact();
        }

        /**
         * Returns the nearest floating-point value.
         *
         * @return the value, infinite if it is out of range
         */
        public double doubleValue() {
            return value.doubleValue();
        }

        private BigInteger integer() {
            if (!isInteger()) {
                throw new ArithmeticException("not an integer: " + this);
            }
            return value.unscaledValue();
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }

    /**
     * A truth value.
     *
     * @param value the value
     */
    record Bool(boolean value) implements JsonValue {
        @Override
        public String toString() {
            return Boolean.toString(value);
        }
    }

    /** The absence of a value. QEMU refuses it for optional members: leave those out instead. */
    enum Null implements JsonValue {
        /** The only one. */
        NULL;

        @Override
        public String toString() {
            return "null";
        }
    }
}
