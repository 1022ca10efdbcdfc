/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The interface of several QEMU releases in one: what of it is where, under which Java names. It holds facts only, none of QEMU's text.
 *
 * @param releases the releases in order, such as {@code 7.2}, with the exact version that was asked
 * @param commands by name on the wire
 * @param events by name on the wire
 * @param types by Java name
 */
public record Model(
        Map<String, String> releases,
        Map<String, Command> commands,
        Map<String, Event> events,
        Map<String, Type> types) {

    /**
     * Where something is, and what QEMU says of it.
     *
     * @param releases the releases that have it; where what it is part of is also missing in some, those that have both
     * @param deprecated whether the newest of them calls it deprecated
     * @param unstable whether the newest of them calls it unstable
     */
    public record About(List<String> releases, boolean deprecated, boolean unstable) {}

    /**
     * A command.
     *
     * @param about where it is
     * @param outOfBand whether any release lets it be sent out of band
     * @param arguments its arguments; none for a command that takes a union
     * @param union the union that it takes instead
     * @param result the type of what it returns; empty for nothing
     */
    public record Command(
            About about, boolean outOfBand, List<Member> arguments, Optional<String> union, Optional<Ref> result) {}

    /**
     * An event.
     *
     * @param about where it is
     * @param data the type of its data; empty for none
     */
    public record Event(About about, Optional<String> data) {}

    /**
     * The type of a value.
     *
     * @param name a Java name, or one of {@code str}, {@code int}, {@code number}, {@code bool}, {@code null}, {@code any}, {@code empty}
     * @param arrays how many arrays are around it
     */
    public record Ref(String name, int arrays) {
        /** {@return whether it is a type of the model} */
        public boolean isNamed() {
            return Character.isUpperCase(name.charAt(0));
        }

        /** {@return the type of an item} */
        public Ref element() {
            return new Ref(name, arrays - 1);
        }

        @Override
        public String toString() {
            return "[".repeat(arrays) + name + "]".repeat(arrays);
        }
    }

    /**
     * A member of an object.
     *
     * @param name the name on the wire
     * @param type its type
     * @param optional whether some release lets it be left out or does not have it
     * @param about where it is
     */
    public record Member(String name, Ref type, boolean optional, About about) {}

    /** A type. */
    public sealed interface Type {}

    /**
     * An object.
     *
     * @param members its members
     */
    public record ObjectType(List<Member> members) implements Type {}

    /**
     * A union.
     *
     * @param base what every branch has, the tag included
     * @param tag the member that decides
     * @param branches by value of the tag
     */
    public record UnionType(List<Member> base, String tag, Map<String, Branch> branches) implements Type {}

    /**
     * A branch of a union.
     *
     * @param about where it is
     * @param members what it has besides the base
     * @param union a union whose members it has instead, on the same level
     */
    public record Branch(About about, List<Member> members, Optional<String> union) {}

    /**
     * An open enumeration.
     *
     * @param values by text on the wire
     */
    public record EnumType(Map<String, About> values) implements Type {}

    /**
     * A value of one of several types that differ in their JSON kind.
     *
     * @param types the types
     */
    public record AlternateType(List<Ref> types) implements Type {}

    /**
     * {@return a type}
     *
     * @param name its Java name
     */
    public Type type(String name) {
        Type type = types.get(name);
        if (type == null) {
            throw new IllegalArgumentException("the model has no type " + name);
        }
        return type;
    }
}
