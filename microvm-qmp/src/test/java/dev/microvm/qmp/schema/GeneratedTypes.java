/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.schema;

import dev.microvm.qmp.QmpCommand;
import dev.microvm.qmp.QmpData;
import dev.microvm.qmp.QmpEventType;
import dev.microvm.qmp.QmpReader;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what was generated, by names of the wire. The library itself needs no such thing. */
public final class GeneratedTypes {
    private static final String QMP = QmpCommand.class.getPackageName();

    /** Names that a component may not have, or would not be understood by. */
    private static final Map<String, String> RENAMED = Map.of(
            "abstract", "isAbstract",
            "case", "caseName",
            "class", "className",
            "default", "defaultValue",
            "if", "interfaceType",
            "implements", "implementedTypes",
            "interface", "interfaceName",
            "package", "packageVersion",
            "static", "isStatic",
            "wait", "waitForClient");

    private GeneratedTypes() {}

    /** The class of a command. */
    public static Class<?> command(String wire) {
        return find("command", camel(wire));
    }

    /** A command without arguments, or with none of its optional ones. */
    public static QmpCommand<?> commandWithoutArguments(String wire) {
        return (QmpCommand<?>) invoke(method(command(wire), "of"), null);
    }

    /** A command with the arguments of an object. */
    public static QmpCommand<?> readArguments(Class<?> command, QmpReader in) {
        return (QmpCommand<?>) invoke(method(command, "readArguments", QmpReader.class), in);
    }

    /** What to subscribe to for an event. */
    public static QmpEventType<?> event(String wire) {
        try {
            return (QmpEventType<?>)
                    find("event", camel(wire) + "Event").getField("TYPE").get(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("the event " + wire + " has no TYPE", e);
        }
    }

    /** A value of a type of the model. */
    public static Object read(Class<?> type, QmpReader in) {
        return invoke(method(type, "read", QmpReader.class), in);
    }

    /** Every type of which arguments are made. */
    public static Set<Class<?>> ofArguments(Set<String> commands) {
        Set<Class<?>> found = new LinkedHashSet<>();
        commands.forEach(wire -> addComponents(command(wire), found));
        return found;
    }

    private static void addComponents(Class<?> type, Set<Class<?>> found) {
        if (type.isSealed()) {
            Arrays.stream(type.getPermittedSubclasses()).forEach(each -> addComponents(each, found));
        } else if (type.isRecord()) {
            Arrays.stream(type.getRecordComponents()).forEach(each -> add(each.getGenericType(), found));
        }
    }

    private static void add(Type type, Set<Class<?>> found) {
        if (type instanceof ParameterizedType parameterized) {
            Arrays.stream(parameterized.getActualTypeArguments()).forEach(each -> add(each, found));
        } else if (type instanceof Class<?> plain
                && plain.getPackageName().equals(QMP + ".model")
                && found.add(plain)) {
            addComponents(plain, found);
        }
    }

    /** The name of the member that a component is; the component's own where there is none. */
    static String wire(RecordComponent component, Set<String> members) {
        return members.stream()
                .filter(each -> RENAMED.containsKey(each)
                        ? RENAMED.get(each).equals(component.getName())
                        : letters(each).equals(letters(component.getName())))
                .findFirst()
                .orElse(component.getName());
    }

    /** The class of a branch of a union, or null where it has none of its own. */
    static @Nullable Class<?> branch(Class<?> union, String wire) {
        String name = wire.equals("unknown") ? "unknownbranch" : letters(wire);
        return Arrays.stream(union.getPermittedSubclasses())
                .filter(each -> letters(each.getSimpleName()).equals(name))
                .findFirst()
                .orElse(null);
    }

    static boolean isUnion(Class<?> type) {
        return type.isSealed() && dev.microvm.qmp.QmpObject.class.isAssignableFrom(type);
    }

    static boolean isAlternate(Class<?> type) {
        return type.isSealed() && QmpData.class.isAssignableFrom(type) && !isUnion(type) && !isJson(type);
    }

    static boolean isJson(Class<?> type) {
        return dev.microvm.qmp.JsonValue.class.isAssignableFrom(type);
    }

    static boolean isNullable(AnnotatedElement type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    static Object invoke(Method method, @Nullable Object argument) {
        try {
            return argument == null ? method.invoke(null) : method.invoke(null, argument);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new AssertionError(method + " failed", e);
        } catch (IllegalAccessException e) {
            throw new AssertionError(method + " cannot be called", e);
        }
    }

    static Method method(Class<?> type, String name, Class<?>... parameters) {
        try {
            return type.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new AssertionError(type + " has no " + name, e);
        }
    }

    private static Class<?> find(String kind, String name) {
        try {
            return Class.forName(QMP + "." + kind + "." + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("there is no " + kind + " " + name, e);
        }
    }

    private static String camel(String wire) {
        StringBuilder name = new StringBuilder();
        for (String word : wire.toLowerCase(Locale.ROOT).split("[-_]", -1)) {
            name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
        }
        return name.toString();
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }
}
