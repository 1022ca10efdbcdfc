/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one QEMU says of its own interface ({@code query-qmp-schema}; QEMU, "QMP introspection"): what it was built with, not what its
 * release could have.
 */
public final class QmpSchema {
    private final Map<String, JsonValue.Obj> entities;

    private QmpSchema(Map<String, JsonValue.Obj> entities) {
        this.entities = entities;
    }

    /**
     * Reads a schema.
     *
     * @param reply what {@code query-qmp-schema} returned
     * @return the schema
     * @throws QmpProtocolException if it is no array of objects that each have a name and a meta-type. What else they must have is looked
     *     for only when it is asked for; the methods of this class then throw the same
     */
    public static QmpSchema of(JsonValue reply) {
        Map<String, JsonValue.Obj> entities = new LinkedHashMap<>();
        if (!(reply instanceof JsonValue.Arr array)) {
            throw new QmpProtocolException("a schema is an array, and not " + JsonFormat.abbreviate(reply));
        }
        for (JsonValue item : array.items()) {
            if (!(item instanceof JsonValue.Obj entity)) {
                throw new QmpProtocolException("a schema holds objects, and not " + JsonFormat.abbreviate(item));
            }
            entity.string("meta-type");
            entities.put(entity.string("name"), entity);
        }
        return new QmpSchema(entities);
    }

    /**
     * Returns the commands that this QEMU has.
     *
     * @return their names
     */
    public Set<String> commands() {
        return names("command");
    }

    /**
     * Returns the events that this QEMU has.
     *
     * @return their names
     */
    public Set<String> events() {
        return names("event");
    }

    private Set<String> names(String metaType) {
        Set<String> names = new TreeSet<>();
        entities.forEach((name, entity) -> {
            if (entity.string("meta-type").equals(metaType)) {
                names.add(name);
            }
        });
        return Collections.unmodifiableSet(names);
    }

    /**
     * Tells whether this QEMU has a command.
     *
     * @param command its name
     * @return true if it has
     */
    public boolean hasCommand(String command) {
        return find(command, "command").isPresent();
    }

    /**
     * Tells whether a command, one of its arguments, or whatever is told with it has a feature: {@code deprecated}, {@code unstable}, or a
     * name that stands for something that QEMU learned without a change of types.
     *
     * @param command its name
     * @param feature the feature's name, such as {@code json-cli-hotplug} of {@code device_add}
     * @return true if this QEMU has the command, and that the feature
     */
    public boolean hasFeature(String command, String feature) {
        return find(command, "command")
                .flatMap(entity -> entity.find("features"))
                .filter(features ->
                        features instanceof JsonValue.Arr array && array.items().contains(new JsonValue.Str(feature)))
                .isPresent();
    }

    /**
     * Checks a command and its arguments as this QEMU would before it runs it. What depends on more than types is not checked: whether a
     * device is there, which properties of {@code device_add} its driver has, how large a number may be.
     *
     * @param command the command
     * @return what is wrong, each with its place; empty if nothing is
     */
    public List<String> problems(QmpCommand<?> command) {
        return check(command).stream().map(ArgumentCheck.Problem::text).toList();
    }

    Collection<ArgumentCheck.Problem> check(QmpCommand<?> command) {
        Optional<JsonValue.Obj> known = find(command.name(), "command");
        return known.isEmpty()
                ? List.of(new ArgumentCheck.Problem("this QEMU has no command '" + command.name() + "'", ""))
                : new ArgumentCheck(this, command.name())
                        .of(known.get().string("arg-type"), QmpWriter.object(command::writeMembers));
    }

    private Optional<JsonValue.Obj> find(String name, String metaType) {
        return Optional.ofNullable(entities.get(name))
                .filter(entity -> entity.string("meta-type").equals(metaType));
    }

    /** A type by its name, which means nothing but here. */
    JsonValue.Obj type(String name) {
        JsonValue.Obj type = entities.get(name);
        if (type == null) {
            throw new QmpProtocolException("the schema of this QEMU lacks the type '" + name + "' that it refers to");
        }
        return type;
    }
}
