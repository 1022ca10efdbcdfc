/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Takes secrets out of what is shown or logged. */
final class Redaction {
    private static final JsonValue HIDDEN = new JsonValue.Str("***");

    private Redaction() {}

    /** Returns the value with every text replaced that stands under a name of a secret. Objects under such names are searched, not hidden. */
    static JsonValue redact(JsonValue value) {
        if (value instanceof JsonValue.Obj object) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            object.members()
                    .forEach((name, member) -> members.put(
                            name, member instanceof JsonValue.Str && isSecret(name) ? HIDDEN : redact(member)));
            return new JsonValue.Obj(members);
        }
        if (value instanceof JsonValue.Arr array) {
            return new JsonValue.Arr(
                    array.items().stream().map(Redaction::redact).toList());
        }
        return value;
    }

    /** The {@code data} of a secret object, the typed keys of {@code send-key} and the {@code cookie} of an HTTP disk are secrets too. */
    private static boolean isSecret(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.contains("passw")
                || lower.contains("secret")
                || lower.equals("key")
                || lower.endsWith("-key")
                || lower.equals("cookie")
                || lower.equals("data");
    }
}
