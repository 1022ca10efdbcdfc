/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compares what QEMU said with what is written again of what was read of it. */
public final class ReplyCheck {
    private final Schema known;
    private final List<String> differences = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

    private ReplyCheck(Schema known) {
        this.known = known;
    }

    /**
     * What was found.
     *
     * @param differences what was lost, changed or invented, each with its place
     * @param unknown members that the schema does not know, each with its place
     */
    public record Outcome(List<String> differences, List<String> unknown) {}

    /** Compares a reply with what was read of it. */
    public static Outcome compare(Schema known, String type, JsonValue reply, Object read) {
        ReplyCheck check = new ReplyCheck(known);
        check.compare("$", type, reply, written(read));
        return new Outcome(check.differences, check.unknown);
    }

    /** What is read, of whatever class, as it would be sent. */
    public static JsonValue written(Object read) {
        List<?> one = List.of(read);
        return QmpWriter.object(out -> out.member("value", one)).array("value").get(0);
    }

    private void compare(String place, String name, JsonValue reply, JsonValue again) {
        String type = known.alternatives(name).stream()
                .filter(each -> each.equals("any") || known.kind(each) == reply.kind())
                .findFirst()
                .orElse("any");
        if (reply.kind() != again.kind()) {
            differences.add(place + ": " + reply + " became " + again);
        } else if (!type.equals("any") && reply instanceof JsonValue.Obj object) {
            members(place, known.struct(type), object, (JsonValue.Obj) again);
        } else if (!type.equals("any") && reply instanceof JsonValue.Arr array) {
            items(place, ((Schema.Array) known.type(type)).item(), array.items(), ((JsonValue.Arr) again).items());
        } else if (!isSame(type, reply, again)) {
            differences.add(place + ": " + reply + " became " + again);
        }
    }

    /** Integers of 2^63 and above come out negative, and numbers in another form. */
    private static boolean isSame(String type, JsonValue reply, JsonValue again) {
        return switch (type) {
            case "int" -> ((JsonValue.Num) reply).bits() == ((JsonValue.Num) again).bits();
            case "number" ->
                Double.compare(((JsonValue.Num) reply).doubleValue(), ((JsonValue.Num) again).doubleValue()) == 0;
            default -> reply.equals(again);
        };
    }

    private void items(String place, String type, List<JsonValue> reply, List<JsonValue> again) {
        if (reply.size() != again.size()) {
            differences.add(place + ": " + reply.size() + " items became " + again.size());
            return;
        }
        for (int i = 0; i < reply.size(); i++) {
            compare(place + "[" + i + "]", type, reply.get(i), again.get(i));
        }
    }

    private void members(String place, Schema.Struct struct, JsonValue.Obj reply, JsonValue.Obj again) {
        Map<String, Schema.Member> members = known.members(struct, reply);
        reply.members().forEach((name, value) -> {
            String inner = place + "." + name;
            Schema.Member member = members.get(name);
            JsonValue same = again.members().get(name);
            if (member == null) {
                unknown.add(inner);
            } else if (same == null) {
                differences.add(inner + ": " + value + " was lost");
            } else {
                compare(inner, member.type(), value, same);
            }
        });
        again.members().forEach((name, value) -> {
            if (!reply.members().containsKey(name)) {
                differences.add(place + "." + name + ": " + value + " was invented");
            }
        });
    }
}
