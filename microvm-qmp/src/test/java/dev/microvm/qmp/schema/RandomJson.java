/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random values of the wire: what a QEMU of this schema may say, with a liking for edges. */
final class RandomJson {
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "node0",
            "/a,b=c",
            "\"\\",
            "\n\t\u0001",
            "Zoë",
            "ネット",
            "\ud83d\ude00",
            "\u00a0\ufb01",
            "null");
    private static final long[] INTEGERS = {
        0, 1, -1, 255, 65536, Integer.MIN_VALUE, 1L << 32, 1L << 53, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1
    };
    private static final double[] NUMBERS = {0, 1, -1.5, 1e-300, 1e300, 0.1, Double.MAX_VALUE, Double.MIN_VALUE, 1e23};

    private final Schema schema;
    private final Random random;

    RandomJson(Schema schema, Random random) {
        this.schema = schema;
        this.random = random;
    }

    String text() {
        return random.nextInt(4) == 0
                ? "t" + Integer.toUnsignedString(random.nextInt(), 36)
                : TEXTS.get(random.nextInt(TEXTS.size()));
    }

    long integer() {
        return random.nextInt(3) == 0 ? random.nextLong() : INTEGERS[random.nextInt(INTEGERS.length)];
    }

    double number() {
        return random.nextInt(3) == 0 ? random.nextDouble() : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    boolean chance(int of) {
        return random.nextInt(of) == 0;
    }

    <T> T one(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** How many items a list has: few, and fewer the deeper it is. */
    int size(int depth) {
        return depth <= 0 ? 0 : random.nextInt(3);
    }

    /** Any value at all. */
    JsonValue any(int depth) {
        return switch (random.nextInt(depth <= 0 ? 5 : 7)) {
            case 0 -> new JsonValue.Str(text());
            case 1 -> JsonValue.Num.of(integer());
            case 2 -> new JsonValue.Num(new BigDecimal(Double.toString(number())));
            case 3 -> new JsonValue.Bool(random.nextBoolean());
            case 4 -> JsonValue.Null.NULL;
            case 5 -> new JsonValue.Arr(List.of(any(depth - 1), any(depth - 1)));
            default -> JsonValue.Obj.of(text(), any(depth - 1));
        };
    }

    JsonValue value(String name, int depth) {
        Schema.Type type = schema.type(name);
        if (type instanceof Schema.Struct struct) {
            return object(struct, depth);
        } else if (type instanceof Schema.Array array) {
            List<JsonValue> items = new ArrayList<>();
            for (int size = size(depth); items.size() < size; ) {
                items.add(value(array.item(), depth - 1));
            }
            return new JsonValue.Arr(items);
        } else if (type instanceof Schema.Enumeration enumeration) {
            return new JsonValue.Str(one(List.copyOf(enumeration.values())));
        } else if (type instanceof Schema.Alternate) {
            return value(alternative(name, depth), depth);
        }
        return switch (name) {
            case "str" -> new JsonValue.Str(text());
            case "int" -> chance(2) ? JsonValue.Num.of(integer()) : JsonValue.Num.ofUnsigned(integer());
            case "number" -> new JsonValue.Num(new BigDecimal(Double.toString(number())));
            case "bool" -> new JsonValue.Bool(random.nextBoolean());
            case "null" -> JsonValue.Null.NULL;
            default -> any(depth);
        };
    }

    /** One of the types of an alternate, no object where it gets too deep. */
    String alternative(String name, int depth) {
        List<String> types = schema.alternatives(name);
        List<String> flat = types.stream()
                .filter(each -> schema.kind(each) != JsonValue.Kind.OBJECT)
                .toList();
        return one(depth <= 0 && !flat.isEmpty() ? flat : types);
    }

    JsonValue.Obj object(Schema.Struct struct, int depth) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        Map<String, String> tags = new LinkedHashMap<>();
        Map<String, Schema.Member> possible = schema.members(
                struct,
                tag -> tags.computeIfAbsent(
                        tag,
                        key -> one(List.copyOf(variantsOf(struct, tags, key).keySet()))));
        possible.forEach((name, member) -> {
            if (tags.containsKey(name)) {
                members.put(name, new JsonValue.Str(tags.get(name)));
            } else if (!member.optional() || (depth > 0 && chance(2))) {
                members.put(name, value(member.type(), depth - 1));
            }
        });
        return new JsonValue.Obj(members);
    }

    /** The variants that a tag decides about, in the struct itself or in the variant that the tags before it have chosen. */
    private Map<String, String> variantsOf(Schema.Struct struct, Map<String, String> tags, String tag) {
        Schema.Struct owner = struct;
        while (!owner.tag().equals(tag)) {
            owner = schema.struct(owner.variants().get(tags.get(owner.tag())));
        }
        return owner.variants();
    }
}
