/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.schema;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one QEMU offers (QEMU documentation, "How to use the QAPI code generator", section "Client JSON Protocol introspection"). The
 * names of types mean nothing outside their own schema.
 *
 * @param version the release, such as {@code 7.2}
 * @param commands by name on the wire
 * @param events by name on the wire
 * @param types by name within this schema
 */
public record Schema(
        String version, Map<String, Command> commands, Map<String, Event> events, Map<String, Type> types) {

    /**
     * A command.
     *
     * @param argumentType an object
     * @param returnType any type
     * @param outOfBand whether it may be sent as {@code exec-oob}
     * @param features such as {@code deprecated}
     */
    public record Command(String argumentType, String returnType, boolean outOfBand, Set<String> features) {}

    /**
     * An event.
     *
     * @param dataType an object
     * @param features such as {@code deprecated}
     */
    public record Event(String dataType, Set<String> features) {}

    /** A type. */
    public sealed interface Type {}

    /**
     * One of {@code str}, {@code int}, {@code number}, {@code bool}, {@code null} and {@code any}; introspection calls every integer
     * {@code int}.
     *
     * @param name which
     */
    public record Builtin(String name) implements Type {}

    /**
     * An array.
     *
     * @param element the type of its items
     */
    public record ArrayType(String element) implements Type {}

    /**
     * An enumeration.
     *
     * @param values in QEMU's order
     */
    public record EnumType(List<Value> values) implements Type {}

    /**
     * A value of an enumeration.
     *
     * @param name the text on the wire
     * @param features such as {@code deprecated}
     */
    public record Value(String name, Set<String> features) {}

    /**
     * A value of one of several types that differ in their JSON kind.
     *
     * @param types the types
     */
    public record AlternateType(List<String> types) implements Type {}

    /**
     * An object, or a union where it has variants.
     *
     * @param members the members that it always may have, in QEMU's order
     * @param tag the member that decides the variant
     * @param variants the type of the further members by value of the tag; empty without a tag
     * @param features such as {@code deprecated}
     */
    public record ObjectType(
            List<Member> members, Optional<String> tag, Map<String, String> variants, Set<String> features)
            implements Type {
        /** {@return whether nothing is in it: every schema has one such type that stands for "no arguments", "no data"} */
        public boolean isEmpty() {
            return members.isEmpty() && variants.isEmpty();
        }
    }

    /**
     * A member of an object.
     *
     * @param name its name on the wire
     * @param type its type
     * @param optional whether it may be left out
     * @param features such as {@code deprecated}
     */
    public record Member(String name, String type, boolean optional, Set<String> features) {}

    /**
     * {@return a type}
     *
     * @param name its name within this schema
     */
    public Type type(String name) {
        Type type = types.get(name);
        if (type == null) {
            throw new IllegalArgumentException("the schema of " + version + " has no type " + name);
        }
        return type;
    }
}
