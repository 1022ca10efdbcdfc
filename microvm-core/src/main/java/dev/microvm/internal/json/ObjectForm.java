/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The table of a value's members, by which it is written and read.
 *
 * @param <T> the value
 * @param <B> its builder
 */
final class ObjectForm<T, B> implements JsonType<T> {
    private interface Member<T, B> {
        String name();

        /** Adds the member, unless there is nothing to say. */
        void write(T value, ObjectNode object);

        /** Reads the member where it is present; complains where it must be. */
        void read(Optional<JsonNode> node, B builder, JsonPlace at);
    }

    private final Supplier<B> builder;
    private final Function<B, T> build;
    private final List<Member<T, B>> members;

    private ObjectForm(Supplier<B> builder, Function<B, T> build, List<Member<T, B>> members) {
        this.builder = builder;
        this.build = build;
        this.members = members;
    }

    static <T, B> ObjectForm<T, B> of(Supplier<B> builder, Function<B, T> build) {
        return new ObjectForm<>(builder, build, List.of());
    }

    /** {@return this table with a member that must be there} */
    <V> ObjectForm<T, B> required(String name, JsonType<V> type, Function<T, V> get, BiConsumer<B, V> set) {
        return with(name, type, value -> Optional.of(get.apply(value)), set, true);
    }

    /** {@return this table with a member that has a default; it is written all the same, for defaults may change} */
    <V> ObjectForm<T, B> defaulted(String name, JsonType<V> type, Function<T, V> get, BiConsumer<B, V> set) {
        return with(name, type, value -> Optional.of(get.apply(value)), set, false);
    }

    /** {@return this table with a member that may be absent} */
    <V> ObjectForm<T, B> optional(String name, JsonType<V> type, Function<T, Optional<V>> get, BiConsumer<B, V> set) {
        return with(name, type, get, set, false);
    }

    /** {@return this table with a list, absent where it is empty} */
    <V> ObjectForm<T, B> list(String name, JsonType<V> items, Function<T, List<V>> get, BiConsumer<B, List<V>> add) {
        return with(
                name,
                JsonTypes.listOf(items),
                value -> Optional.of(get.apply(value)).filter(list -> !list.isEmpty()),
                add,
                false);
    }

    private <V> ObjectForm<T, B> with(
            String name, JsonType<V> type, Function<T, Optional<V>> get, BiConsumer<B, V> set, boolean required) {
        List<Member<T, B>> more = new ArrayList<>(members);
        more.add(new Member<>() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void write(T value, ObjectNode object) {
                get.apply(value).ifPresent(present -> object.set(name, type.write(present)));
            }

            @Override
            public void read(Optional<JsonNode> node, B target, JsonPlace at) {
                if (node.isPresent()) {
                    set.accept(target, type.read(node.orElseThrow(), at));
                } else if (required) {
                    throw at.wrong("is missing");
                }
            }
        });
        return new ObjectForm<>(builder, build, List.copyOf(more));
    }

    List<String> names() {
        return members.stream().map(Member::name).toList();
    }

    @Override
    public ObjectNode write(T value) {
        ObjectNode object = JsonTypes.NODES.objectNode();
        members.forEach(member -> member.write(value, object));
        return object;
    }

    @Override
    public T read(JsonNode node, JsonPlace at) {
        if (!(node instanceof ObjectNode object)) {
            throw at.wrong("must be an object, not " + node);
        }
        refuseUnknown(object, at);
        B target = builder.get();
        for (Member<T, B> member : members) {
            JsonPlace place = at.member(member.name());
            JsonNode value = object.get(member.name());
            if (value != null && value.isNull()) {
                throw place.wrong("must not be null; leave the member out");
            }
            member.read(Optional.ofNullable(value), target, place);
        }
        try {
            return build.apply(target);
        } catch (IllegalArgumentException e) {
            throw at.wrong(e);
        }
    }

    private void refuseUnknown(ObjectNode object, JsonPlace at) {
        List<String> known = names();
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw at.member(name).wrong("is unknown; known: " + String.join(", ", known));
            }
        }
    }
}
