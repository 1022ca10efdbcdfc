/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpWriter;
import dev.microvm.qmp.command.DeviceAdd;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Judges a value of the wire as QEMU does: nothing required may miss, nothing unknown may be there. */
public final class SchemaCheck {
    private static final BigInteger MIN = BigInteger.TWO.pow(63).negate();
    private static final BigInteger MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private final Schema schema;
    private final List<String> problems = new ArrayList<>();

    private SchemaCheck(Schema schema) {
        this.schema = schema;
    }

    /** What is wrong with a value of a type, each with its place; empty if nothing is. */
    public static List<String> problems(Schema schema, String type, JsonValue value) {
        SchemaCheck check = new SchemaCheck(schema);
        check.check("$", type, value);
        return check.problems;
    }

    /** What is wrong with the arguments of a command. */
    public static List<String> problems(Schema schema, QmpCommand<?> command) {
        JsonValue.Obj arguments = QmpWriter.object(command::writeMembers);
        Map<String, JsonValue> members = new LinkedHashMap<>(arguments.members());
        if (command instanceof DeviceAdd device) {
            // QEMU's schema has only those arguments of device_add that all devices have.
            device.properties().keySet().forEach(members::remove);
        }
        String type = schema.commands().get(command.name()).arguments();
        return problems(schema, type, new JsonValue.Obj(members));
    }

    private void problem(String place, String what) {
        problems.add(place + ": " + what);
    }

    private void check(String place, String name, JsonValue value) {
        Schema.Type type = schema.type(name);
        if (type instanceof Schema.Alternate alternate) {
            alternate.types().stream()
                    .filter(each -> schema.kind(each) == value.kind())
                    .findFirst()
                    .ifPresentOrElse(
                            each -> check(place, each, value),
                            () -> problem(place, "none of " + alternate.types() + " is like " + value));
        } else if (name.equals("any")) {
            return;
        } else if (schema.kind(name) != value.kind()) {
            problem(place, value + " is no " + name);
        } else if (value instanceof JsonValue.Obj object) {
            members(place, (Schema.Struct) type, object);
        } else if (value instanceof JsonValue.Arr array) {
            String item = ((Schema.Array) type).item();
            array.items().forEach(each -> check(place + "[]", item, each));
        } else if (type instanceof Schema.Enumeration enumeration
                && !enumeration.values().contains(((JsonValue.Str) value).value())) {
            problem(place, value + " is none of " + enumeration.values());
        } else if (name.equals("int") && !isInteger((JsonValue.Num) value)) {
            problem(place, value + " is no integer of 64 bits");
        }
    }

    private static boolean isInteger(JsonValue.Num number) {
        return number.isInteger()
                && number.value().toBigInteger().compareTo(MIN) >= 0
                && number.value().toBigInteger().compareTo(MAX) <= 0;
    }

    private void members(String place, Schema.Struct struct, JsonValue.Obj object) {
        Map<String, Schema.Member> members = schema.members(struct, object);
        members.forEach((name, member) -> {
            JsonValue value = object.members().get(name);
            if (value != null) {
                check(place + "." + name, member.type(), value);
            } else if (!member.optional()) {
                problem(place, "'" + name + "' is missing");
            }
        });
        Set<String> unknown = new LinkedHashSet<>(object.members().keySet());
        unknown.removeAll(members.keySet());
        unknown.forEach(name -> problem(place, "'" + name + "' is unknown"));
    }
}
