/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Judges arguments by a schema as QEMU does: nothing required may miss, and nothing may be there that is not known. */
final class ArgumentCheck {
    private final QmpSchema schema;
    private final String command;
    private final List<Problem> problems = new ArrayList<>();

    /**
     * Something wrong.
     *
     * @param text what and where
     * @param unknown what this QEMU does not know, a member's name or that and a value, {@code target=cryptodev}; else empty
     */
    record Problem(String text, String unknown) {}

    ArgumentCheck(QmpSchema schema, String command) {
        this.schema = schema;
        this.command = command;
    }

    List<Problem> of(String type, JsonValue.Obj arguments) {
        check("", type, arguments);
        return problems;
    }

    /** A place is the path to a value, which ends with the name of its member. */
    private void check(String place, String typeName, JsonValue value) {
        JsonValue.Obj type = schema.type(typeName);
        switch (type.string("meta-type")) {
            case "object" -> {
                if (value instanceof JsonValue.Obj object) {
                    object(place, type, object);
                } else {
                    wrong(place, "an object", value);
                }
            }
            case "array" -> {
                if (value instanceof JsonValue.Arr array) {
                    String element = type.string("element-type");
                    array.items().forEach(item -> check(place, element, item));
                } else {
                    wrong(place, "an array", value);
                }
            }
            case "enum" -> enumeration(place, type, value);
            case "alternate" -> alternate(place, type, value);
            case "builtin" -> {
                if (!isOfJsonType(type.string("json-type"), value)) {
                    wrong(place, "of type " + type.string("json-type"), value);
                }
            }
            default -> {
                // A kind of type of a newer QEMU: that is for QEMU to judge.
            }
        }
    }

    private void wrong(String place, String expected, JsonValue value) {
        problems.add(new Problem(
                "'" + place + "' must be " + expected + ", and not "
                        + JsonFormat.abbreviate(Redaction.redact(JsonValue.Obj.of(lastOf(place), value))),
                ""));
    }

    private static String lastOf(String place) {
        return place.substring(place.lastIndexOf('.') + 1);
    }

    private static boolean isOfJsonType(String jsonType, JsonValue value) {
        return switch (jsonType) {
            case "string" -> value instanceof JsonValue.Str;
            case "int" -> value instanceof JsonValue.Num number && number.isInteger();
            case "number" -> value instanceof JsonValue.Num;
            case "boolean" -> value instanceof JsonValue.Bool;
            case "null" -> value instanceof JsonValue.Null;
            default -> true;
        };
    }

    private void enumeration(String place, JsonValue.Obj type, JsonValue value) {
        if (!(value instanceof JsonValue.Str text)) {
            wrong(place, "a string", value);
        } else if (type.array("members").stream()
                .noneMatch(member -> ((JsonValue.Obj) member).string("name").equals(text.value()))) {
            problems.add(new Problem(
                    "'" + place + "' does not know '" + text.value() + "'", lastOf(place) + "=" + text.value()));
        }
    }

    /** One that takes the value as it is, or else the one of its kind, to tell what is wrong with it. */
    private void alternate(String place, JsonValue.Obj type, JsonValue value) {
        List<Problem> before = List.copyOf(problems);
        List<Problem> best = List.of();
        for (JsonValue member : type.array("members")) {
            String name = ((JsonValue.Obj) member).string("type");
            check(place, name, value);
            List<Problem> found = List.copyOf(problems.subList(before.size(), problems.size()));
            problems.subList(before.size(), problems.size()).clear();
            if (found.isEmpty()) {
                return;
            }
            if (best.isEmpty() || isOfKind(schema.type(name).string("meta-type"), value)) {
                best = found;
            }
        }
        problems.addAll(best);
    }

    private static boolean isOfKind(String metaType, JsonValue value) {
        return switch (metaType) {
            case "object" -> value instanceof JsonValue.Obj;
            case "array" -> value instanceof JsonValue.Arr;
            case "enum" -> value instanceof JsonValue.Str;
            default -> false;
        };
    }

    private void object(String place, JsonValue.Obj type, JsonValue.Obj value) {
        Map<String, JsonValue.Obj> members = new LinkedHashMap<>();
        boolean complete = collect(type, value, members);
        members.forEach((name, member) -> {
            if (member.find("default").isEmpty() && value.find(name).isEmpty()) {
                problems.add(new Problem("'" + in(place, name) + "' is required", ""));
            }
        });
        value.members().forEach((name, each) -> {
            JsonValue.Obj member = members.get(name);
            if (member != null) {
                check(in(place, name), member.string("type"), each);
            } else if (complete && !(place.isEmpty() && ReleaseFacts.freeForm().contains(command))) {
                problems.add(new Problem("'" + in(place, name) + "' is not known", name));
            }
        });
    }

    private static String in(String place, String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    /** Collects the members that a value of an object's type can have, by its tags; false if a tag says nothing that is known. */
    private boolean collect(JsonValue.Obj type, JsonValue.Obj value, Map<String, JsonValue.Obj> members) {
        for (JsonValue member : type.array("members")) {
            members.put(((JsonValue.Obj) member).string("name"), (JsonValue.Obj) member);
        }
        if (type.find("tag").isEmpty()) {
            return true;
        }
        JsonValue tag = value.find(type.string("tag")).orElse(JsonValue.Null.NULL);
        for (JsonValue each : type.array("variants")) {
            JsonValue.Obj variant = (JsonValue.Obj) each;
            if (new JsonValue.Str(variant.string("case")).equals(tag)) {
                return collect(schema.type(variant.string("type")), value, members);
            }
        }
        return false;
    }
}
