/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The schema that a running QEMU tells of itself. */
public final class LiveSchema {
    private LiveSchema() {}

    /** Reads the reply of {@code query-qmp-schema} (QEMU, "QMP introspection"). */
    public static Schema read(JsonValue reply) {
        Map<String, Schema.Type> types = new LinkedHashMap<>();
        Map<String, Schema.Command> commands = new LinkedHashMap<>();
        Map<String, String> events = new LinkedHashMap<>();
        for (JsonValue item : ((JsonValue.Arr) reply).items()) {
            JsonValue.Obj entity = (JsonValue.Obj) item;
            String name = entity.string("name");
            switch (entity.string("meta-type")) {
                case "command" ->
                    commands.put(name, new Schema.Command(entity.string("arg-type"), entity.string("ret-type")));
                case "event" -> events.put(name, entity.string("arg-type"));
                case "enum" -> types.put(name, new Schema.Enumeration(values(entity)));
                case "alternate" -> types.put(name, new Schema.Alternate(alternatives(entity)));
                case "object" -> types.put(name, struct(entity));
                default -> {
                    // arrays and what is built in are told by their names
                }
            }
        }
        return new Schema(types, commands, events);
    }

    private static Set<String> values(JsonValue.Obj entity) {
        Set<String> values = new LinkedHashSet<>();
        entity.array("values").forEach(value -> values.add(((JsonValue.Str) value).value()));
        return values;
    }

    private static List<String> alternatives(JsonValue.Obj entity) {
        List<String> types = new ArrayList<>();
        entity.array("members").forEach(each -> types.add(((JsonValue.Obj) each).string("type")));
        return types;
    }

    private static Schema.Struct struct(JsonValue.Obj entity) {
        Map<String, Schema.Member> members = new LinkedHashMap<>();
        for (JsonValue each : entity.array("members")) {
            JsonValue.Obj member = (JsonValue.Obj) each;
            members.put(
                    member.string("name"),
                    new Schema.Member(member.string("type"), member.members().containsKey("default")));
        }
        Map<String, String> variants = new LinkedHashMap<>();
        if (entity.find("tag").isPresent()) {
            for (JsonValue each : entity.array("variants")) {
                JsonValue.Obj variant = (JsonValue.Obj) each;
                variants.put(variant.string("case"), variant.string("type"));
            }
        }
        return new Schema.Struct(members, entity.find("tag").isPresent() ? entity.string("tag") : "", variants);
    }
}
