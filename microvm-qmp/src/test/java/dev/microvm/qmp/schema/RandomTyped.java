/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpEmpty;
import dev.microvm.qmp.QmpEnum;
import dev.microvm.qmp.QmpReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Random values of the generated types, made by their constructors. The types of Java say what there is, a schema says what of it some QEMU
 * has and wants: with that of one release, the values are valid there.
 */
public final class RandomTyped {
    /** What every secret starts with. */
    public static final String SECRET = "hush-";

    /** How deep optional members and lists go. */
    private static final int DEPTH = 3;

    private final Schema schema;
    private final RandomJson json;
    private final Novelty novelty;

    /** Whether there are values that no release has. */
    public enum Novelty {
        /** Only what the schema has. */
        NONE,
        /** Values of enumerations, branches of unions and kinds of alternates that are not in the schema, too. */
        SOME
    }

    /** Makes random values. */
    public RandomTyped(Schema schema, Random random, Novelty novelty) {
        this.schema = schema;
        this.json = new RandomJson(schema, random);
        this.novelty = novelty;
    }

    /** A command that the schema has. */
    public QmpCommand<?> command(String wire) {
        Schema.Struct arguments = schema.struct(schema.commands().get(wire).arguments());
        return (QmpCommand<?>) record(GeneratedTypes.command(wire), arguments, Map.of(), DEPTH);
    }

    /** A value of a type of the model, for which the schema has a type of that name; of a union, one of each branch. */
    public List<Object> values(Class<?> type) {
        String name = type.getSimpleName();
        List<Object> values = new ArrayList<>(List.of(value(type, name, "", DEPTH)));
        if (GeneratedTypes.isUnion(type)) {
            Schema.Struct struct = schema.struct(name);
            struct.variants().keySet().forEach(tag -> values.add(branch(type, struct, tag, DEPTH)));
        }
        return values;
    }

    /** A value of the wire, such as a reply. */
    public JsonValue json(String type) {
        return json.value(type, DEPTH);
    }

    private boolean isNovel() {
        return novelty == Novelty.SOME && json.chance(8);
    }

    private Object value(Type java, String type, String member, int depth) {
        if (java instanceof ParameterizedType list) {
            return list(list.getActualTypeArguments()[0], type, depth);
        }
        Class<?> plain = (Class<?>) java;
        if (plain == String.class) {
            return TextMembers.SECRET.contains(member) ? SECRET + json.text() : json.text();
        } else if (plain == long.class || plain == Long.class) {
            return json.integer();
        } else if (plain == double.class || plain == Double.class) {
            return json.number();
        } else if (plain == boolean.class || plain == Boolean.class) {
            return json.chance(2);
        } else if (plain == QmpEmpty.class) {
            return QmpEmpty.EMPTY;
        } else if (GeneratedTypes.isJson(plain)) {
            return json.value(type, depth);
        } else if (QmpEnum.class.isAssignableFrom(plain)) {
            return enumeration(plain, type);
        } else if (GeneratedTypes.isUnion(plain)) {
            return union(plain, schema.struct(type), depth);
        } else if (GeneratedTypes.isAlternate(plain)) {
            return alternate(plain, type, depth);
        }
        return record(plain, schema.struct(type), Map.of(), depth);
    }

    private List<Object> list(Type item, String type, int depth) {
        String itemType = ((Schema.Array) schema.type(type)).item();
        List<Object> items = new ArrayList<>();
        for (int size = json.size(depth); items.size() < size; ) {
            items.add(value(item, itemType, "", depth - 1));
        }
        return items;
    }

    /** What is text in an old release may be an open enumeration in Java. */
    private Object enumeration(Class<?> type, String name) {
        String text = isNovel() || !(schema.type(name) instanceof Schema.Enumeration enumeration)
                ? "novel " + json.text()
                : json.one(List.copyOf(enumeration.values()));
        return enumerated(type, text);
    }

    private static Object enumerated(Class<?> type, String text) {
        return GeneratedTypes.invoke(GeneratedTypes.method(type, "of", String.class), text);
    }

    private Object alternate(Class<?> type, String name, int depth) {
        List<Class<?>> kinds = List.of(type.getPermittedSubclasses());
        if (isNovel()) {
            JsonValue other = json.any(1);
            // A null in the place of what may be absent counts as absent.
            return other == JsonValue.Null.NULL || kinds.stream().anyMatch(each -> isOf(each, other.kind()))
                    ? alternate(type, name, depth)
                    : GeneratedTypes.read(type, QmpReader.of(other));
        }
        String chosen = json.alternative(name, depth);
        Class<?> kind = kinds.stream()
                .filter(each -> isOf(each, schema.kind(chosen)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(type + " has no place for " + chosen));
        return construct(kind, List.of(value(kind.getRecordComponents()[0].getGenericType(), chosen, "", depth)));
    }

    private static boolean isOf(Class<?> alternative, JsonValue.Kind kind) {
        return alternative
                .getSimpleName()
                .equals(
                        switch (kind) {
                            case ARRAY -> "OfList";
                            case BOOLEAN -> "OfBoolean";
                            case NULL -> "OfNull";
                            case NUMBER -> "OfInteger";
                            case OBJECT -> "OfObject";
                            case STRING -> "OfText";
                        });
    }

    private Object union(Class<?> type, Schema.Struct struct, int depth) {
        if (struct.tag().isEmpty()) {
            // No union in this release; read as a branch that is not known.
            return GeneratedTypes.read(type, QmpReader.of(json.object(struct, depth)));
        }
        if (isNovel()) {
            JsonValue.Obj base = json.object(new Schema.Struct(struct.members(), "", Map.of()), depth);
            return GeneratedTypes.read(
                    type,
                    QmpReader.of(base.with(struct.tag(), "novel " + json.text()).with("novel member", json.any(2))));
        }
        return branch(type, struct, json.one(List.copyOf(struct.variants().keySet())), depth);
    }

    private Object branch(Class<?> type, Schema.Struct struct, String tag, int depth) {
        Schema.Struct variant = schema.struct(struct.variants().get(tag));
        Map<String, Schema.Member> members = new LinkedHashMap<>(struct.members());
        variant.members().forEach(members::putIfAbsent);
        Schema.Struct whole = new Schema.Struct(members, variant.tag(), variant.variants());
        Class<?> branch = GeneratedTypes.branch(type, tag);
        if (branch != null) {
            members.remove(struct.tag()); // which the class has by itself
            return record(branch, whole, Map.of(), depth);
        }
        Class<?> plain = GeneratedTypes.branch(type, "plain");
        if (plain == null) {
            throw new AssertionError(type + " has no branch " + tag);
        }
        RecordComponent tagged = Arrays.stream(plain.getRecordComponents())
                .filter(each -> GeneratedTypes.wire(each, members.keySet()).equals(struct.tag()))
                .findFirst()
                .orElseThrow();
        return record(plain, whole, Map.of(struct.tag(), enumerated(tagged.getType(), tag)), depth);
    }

    private Object record(Class<?> type, Schema.Struct struct, Map<String, Object> given, int depth) {
        List<@Nullable Object> values = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            values.add(component(component, struct, given, depth));
        }
        return construct(type, values);
    }

    private @Nullable Object component(
            RecordComponent component, Schema.Struct struct, Map<String, Object> given, int depth) {
        Class<?> type = component.getType();
        if (type == Map.class) {
            return Map.of("x-first", json.any(depth), "secret", new JsonValue.Str(SECRET + json.text()));
        }
        String wire = GeneratedTypes.wire(component, struct.members().keySet());
        Schema.Member member = struct.members().get(wire);
        boolean nullable = GeneratedTypes.isNullable(component.getAnnotatedType());
        if (given.containsKey(wire)) {
            return given.get(wire);
        } else if (member == null && GeneratedTypes.isUnion(type) && !nullable) {
            // Its members stand on the level of the struct's own.
            return union(type, withoutOwn(struct, component), depth);
        } else if (member == null || (member.optional() && (depth <= 0 || json.chance(2)))) {
            if (!nullable) {
                throw new AssertionError(component + " of " + component.getDeclaringRecord()
                        + " must be given, but may be absent on the wire");
            }
            return null;
        }
        return value(component.getGenericType(), member.type(), wire, depth - 1);
    }

    /** Of a branch that is a union of its own, that union: without what the other components are. */
    private static Schema.Struct withoutOwn(Schema.Struct struct, RecordComponent flat) {
        Map<String, Schema.Member> members = new LinkedHashMap<>(struct.members());
        for (RecordComponent each : flat.getDeclaringRecord().getRecordComponents()) {
            if (!each.equals(flat)) {
                members.remove(GeneratedTypes.wire(each, struct.members().keySet()));
            }
        }
        return new Schema.Struct(members, struct.tag(), struct.variants());
    }

    private static Object construct(Class<?> type, List<? extends @Nullable Object> values) {
        Class<?>[] parameters = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(parameters);
            return constructor.newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            throw new AssertionError(type + " refuses " + values, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + " cannot be made", e);
        }
    }
}
