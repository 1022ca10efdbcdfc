/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds values from tokens, one token at a time, without recursion. */
final class JsonTree {
    private final Deque<Level> levels = new ArrayDeque<>();

    /** An object or an array whose end has not been seen. */
    private static final class Level {
        final @Nullable Map<String, JsonValue> members;
        final List<JsonValue> items = new ArrayList<>(0);
        String name = "";

        Level(boolean isObject) {
            members = isObject ? new LinkedHashMap<>() : null;
        }

        void add(JsonValue value) {
            if (members != null) {
                members.put(name, value);
            } else {
                items.add(value);
            }
        }

        JsonValue build() {
            return members != null ? new JsonValue.Obj(members) : new JsonValue.Arr(items);
        }
    }

    /** Takes the parser's current token; returns a value when it completes one at the top level. */
    @Nullable
    JsonValue take(JsonParser parser) throws IOException {
        JsonValue value;
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                levels.push(new Level(true));
                return null;
            }
            case START_ARRAY -> {
                levels.push(new Level(false));
                return null;
            }
            case FIELD_NAME -> {
                levels.element().name = parser.currentName();
                return null;
            }
            case END_OBJECT, END_ARRAY -> value = levels.pop().build();
            case VALUE_STRING -> value = new JsonValue.Str(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> value = new JsonValue.Num(parser.getDecimalValue());
            case VALUE_TRUE -> value = new JsonValue.Bool(true);
            case VALUE_FALSE -> value = new JsonValue.Bool(false);
            case VALUE_NULL -> value = JsonValue.Null.NULL;
            default -> throw new IOException("unexpected token " + parser.currentToken());
        }
        if (levels.isEmpty()) {
            return value;
        }
        levels.element().add(value);
        return null;
    }
}
