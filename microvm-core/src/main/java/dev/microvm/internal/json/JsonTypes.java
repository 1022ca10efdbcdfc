/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The types that are not objects. */
final class JsonTypes {
    static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    static final JsonType<String> TEXT = of(NODES::textNode, JsonTypes::text);
    static final JsonType<Boolean> FLAG = of(NODES::booleanNode, (node, at) -> {
        if (!node.isBoolean()) {
            throw at.wrong("must be true or false, not " + node);
        }
        return node.booleanValue();
    });
    static final JsonType<Integer> INTEGER = of(NODES::numberNode, (node, at) -> {
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw at.wrong("must be an integer, not " + node);
        }
        return node.intValue();
    });
    static final JsonType<Long> LONG = of(NODES::numberNode, (node, at) -> {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw at.wrong("must be an integer, not " + node);
        }
        return node.longValue();
    });
    /** Permission bits, as people write them: an octal text such as {@code "0644"}. */
    static final JsonType<Integer> MODE =
            of(mode -> NODES.textNode(String.format(Locale.ROOT, "0%o", mode)), (node, at) -> {
                String text = text(node, at);
                if (!text.matches("0[0-7]{1,4}")) {
                    throw at.wrong("must be octal with a leading 0, such as \"0644\", not \"" + text + "\"");
                }
                return Integer.parseInt(text, 8);
            });

    static final JsonType<Path> PATH = of(path -> NODES.textNode(path.toString()), (node, at) -> {
        try {
            return Path.of(text(node, at));
        } catch (InvalidPathException e) {
            throw at.wrong(e);
        }
    });

    private JsonTypes() {}

    private static <T> JsonType<T> of(Function<T, JsonNode> writer, BiFunction<JsonNode, JsonPlace, T> reader) {
        return new JsonType<>() {
            @Override
            public JsonNode write(T value) {
                return writer.apply(value);
            }

            @Override
            public T read(JsonNode node, JsonPlace at) {
                return reader.apply(node, at);
            }
        };
    }

    /** {@return the type of values that have a text of their own} */
    static <T> JsonType<T> textOf(Function<T, String> write, Function<String, T> parse) {
        return of(value -> NODES.textNode(write.apply(value)), (node, at) -> {
            String text = text(node, at);
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw at.wrong(e);
            }
        });
    }

    static String text(JsonNode node, JsonPlace at) {
        if (!node.isTextual()) {
            throw at.wrong("must be a text, not " + node);
        }
        return node.textValue();
    }

    /** {@return the type of an enum's constants, in lower case with dashes} */
    static <E extends Enum<E>> JsonType<E> enumOf(Class<E> type) {
        List<E> constants = Arrays.asList(type.getEnumConstants());
        return of(value -> NODES.textNode(word(value)), (node, at) -> {
            String text = text(node, at);
            return constants.stream()
                    .filter(constant -> word(constant).equals(text))
                    .findFirst()
                    .orElseThrow(() -> at.wrong("\"" + text + "\" is unknown; known: "
                            + constants.stream().map(JsonTypes::word).collect(Collectors.joining(", "))));
        });
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@return the type of lists} */
    static <T> JsonType<List<T>> listOf(JsonType<T> items) {
        return of(
                list -> {
                    ArrayNode array = NODES.arrayNode();
                    list.forEach(item -> array.add(items.write(item)));
                    return array;
                },
                (node, at) -> {
                    if (!node.isArray()) {
                        throw at.wrong("must be an array, not " + node);
                    }
                    List<T> list = new ArrayList<>();
                    for (int i = 0; i < node.size(); i++) {
                        list.add(items.read(node.get(i), at.item(i)));
                    }
                    return List.copyOf(list);
                });
    }
}
