/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How QEMU prints JSON. */
final class FakeText {
    private static final JsonValue NOVELTY = JsonValue.parse("{\"of\":[\"a\",\"later\",\"release\",11.25,null,true]}");

    private FakeText() {}

    static JsonValue.Obj of(QmpVersion version) {
        JsonValue.Obj numbers = JsonValue.Obj.EMPTY
                .with("micro", version.micro())
                .with("minor", version.minor())
                .with("major", version.major());
        return JsonValue.Obj.of("qemu", numbers).with("package", version.packageName());
    }

    static JsonValue.Obj greeting(QmpVersion version) {
        JsonValue.Obj what = JsonValue.Obj.of("version", of(version))
                .with("capabilities", new JsonValue.Arr(List.of(new JsonValue.Str("oob"))));
        return JsonValue.Obj.of("QMP", what);
    }

    static String of(JsonValue value, boolean pretty, boolean novelties) {
        StringBuilder out = new StringBuilder();
        append(out, novelties ? withNovelties(value) : value, pretty ? "\r\n" : "");
        return ascii(out);
    }

    /** QEMU writes what is not ASCII as escapes. Such characters stand nowhere but in texts. */
    private static String ascii(CharSequence text) {
        StringBuilder out = new StringBuilder(text.length());
        text.chars().forEach(c -> out.append(c < 0x7F ? Character.toString((char) c) : String.format("\\u%04x", c)));
        return out.toString();
    }

    private static void append(StringBuilder out, JsonValue value, String lineEnd) {
        String inner = lineEnd.isEmpty() ? "" : lineEnd + "    ";
        String separator = inner;
        if (value instanceof JsonValue.Obj object) {
            out.append('{');
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                out.append(separator).append(new JsonValue.Str(member.getKey())).append(": ");
                append(out, member.getValue(), inner);
                separator = (inner.isEmpty() ? ", " : ",") + inner;
            }
            out.append(lineEnd).append('}');
        } else if (value instanceof JsonValue.Arr array) {
            out.append('[');
            for (JsonValue item : array.items()) {
                out.append(separator);
                append(out, item, inner);
                separator = (inner.isEmpty() ? ", " : ",") + inner;
            }
            out.append(lineEnd).append(']');
        } else {
            out.append(value);
        }
    }

    private static JsonValue withNovelties(JsonValue value) {
        if (value instanceof JsonValue.Arr array) {
            return new JsonValue.Arr(
                    array.items().stream().map(FakeText::withNovelties).toList());
        }
        if (!(value instanceof JsonValue.Obj object)) {
            return value;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(Map.of("x-novelty", NOVELTY));
        object.members().forEach((name, member) -> members.put(name, withNovelties(member)));
        return new JsonValue.Obj(members);
    }
}
