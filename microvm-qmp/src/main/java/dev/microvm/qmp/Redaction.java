/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Takes secrets out of what is shown or logged. */
final class Redaction {
    private static final JsonValue HIDDEN = new JsonValue.Str("***");

    private Redaction() {}

    /**
     * Returns the value with every text replaced that stands under a name of a secret. Objects under such names are searched, not hidden;
     * secrets within texts, as in {@code http://user:password@host/}, are not found.
     */
    static JsonValue redact(JsonValue value) {
        if (value instanceof JsonValue.Obj object) {
            // Plain loops: with lambdas and streams, 1000 levels, which are allowed, are too many for a thread's stack.
            Map<String, JsonValue> members = new LinkedHashMap<>();
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                // qom-set names what it sets.
                String name = member.getKey().equals("value")
                                && object.members().get("property") instanceof JsonValue.Str property
                        ? property.value()
                        : member.getKey();
                members.put(member.getKey(), redact(name, member.getValue()));
            }
            return new JsonValue.Obj(members);
        }
        if (value instanceof JsonValue.Arr array) {
            List<JsonValue> items = new ArrayList<>(array.items().size());
            for (JsonValue item : array.items()) {
                items.add(redact(item));
            }
            return new JsonValue.Arr(items);
        }
        return value;
    }

    /** Returns what may be shown of the value of a member. */
    static JsonValue redact(String name, JsonValue value) {
        return value instanceof JsonValue.Str && isSecret(name) ? HIDDEN : redact(value);
    }

    /**
     * The {@code data} of a secret object, the typed keys of {@code send-key}, the {@code cookie} of an HTTP disk and the
     * {@code command-line} of the human monitor, which has {@code set_password}, are secrets too.
     */
    private static boolean isSecret(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.contains("passw")
                || lower.contains("secret")
                || lower.equals("key")
                || lower.endsWith("-key")
                || lower.equals("cookie")
                || lower.equals("command-line")
                || lower.equals("data");
    }
}
