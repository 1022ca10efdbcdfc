/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What one QEMU takes and returns. A type is named by a text: {@code str}, {@code [int]}, or the name of an entry; so types may be
 * recursive.
 *
 * @param types the types that have names
 * @param commands by name on the wire
 * @param events the types of their data, by name on the wire
 */
public record Schema(Map<String, Type> types, Map<String, Command> commands, Map<String, String> events) {
    static final Set<String> BUILTINS = Set.of("str", "int", "number", "bool", "null", "any");

    /**
     * The types of a command.
     *
     * @param arguments a struct
     * @param result any type
     */
    public record Command(String arguments, String result) {}

    /** A type. */
    public sealed interface Type {}

    /** Built in: one of {@link #BUILTINS}. */
    public record Builtin(String name) implements Type {}

    /** An array. */
    public record Array(String item) implements Type {}

    /** An enumeration. */
    public record Enumeration(Set<String> values) implements Type {}

    /** One of several types, told apart by their kind of JSON value. */
    public record Alternate(List<String> types) implements Type {}

    /**
     * An object.
     *
     * @param members by name
     * @param tag the member that decides about further members; empty if there are none
     * @param variants the types of the further members by value of the tag
     */
    public record Struct(Map<String, Member> members, String tag, Map<String, String> variants) implements Type {}

    /** A member of an object. */
    public record Member(String type, boolean optional) {}

    /** The type of a name. */
    public Type type(String name) {
        if (name.startsWith("[")) {
            return new Array(name.substring(1, name.length() - 1));
        }
        if (BUILTINS.contains(name)) {
            return new Builtin(name);
        }
        Type type = types.get(name);
        if (type == null) {
            throw new IllegalArgumentException("there is no type " + name);
        }
        return type;
    }

    /** The struct of a name. */
    public Struct struct(String name) {
        return (Struct) type(name);
    }

    /** The members of an object, those that its tags decide about included. */
    Map<String, Member> members(Struct struct, Function<String, String> tagValue) {
        Map<String, Member> all = new LinkedHashMap<>(struct.members());
        String variant = struct.tag().isEmpty() ? null : struct.variants().get(tagValue.apply(struct.tag()));
        if (variant != null) {
            members(struct(variant), tagValue).forEach(all::putIfAbsent);
        }
        return all;
    }

    /** The members that an object of the wire may have. */
    Map<String, Member> members(Struct struct, JsonValue.Obj object) {
        return members(
                struct, tag -> object.members().get(tag) instanceof JsonValue.Str text ? text.value() : "no text");
    }

    /** The kind of JSON value that stands for a type; {@code any} and alternates have none. */
    JsonValue.Kind kind(String name) {
        Type type = type(name);
        if (type instanceof Array) {
            return JsonValue.Kind.ARRAY;
        } else if (type instanceof Struct) {
            return JsonValue.Kind.OBJECT;
        } else if (type instanceof Enumeration) {
            return JsonValue.Kind.STRING;
        }
        return switch (name) {
            case "str" -> JsonValue.Kind.STRING;
            case "int", "number" -> JsonValue.Kind.NUMBER;
            case "bool" -> JsonValue.Kind.BOOLEAN;
            case "null" -> JsonValue.Kind.NULL;
            default -> throw new IllegalArgumentException(name + " has no kind of its own");
        };
    }

    /** The types that may stand in a place of this type: those of an alternate, or itself. */
    List<String> alternatives(String name) {
        return type(name) instanceof Alternate alternate ? alternate.types() : List.of(name);
    }
}
