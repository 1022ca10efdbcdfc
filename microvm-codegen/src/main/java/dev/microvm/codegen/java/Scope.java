/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What one source file may call by its simple name, and how it calls the types of the model. */
final class Scope {
    static final String QMP = "dev.microvm.qmp";
    static final String MODEL = QMP + ".model";

    private final String packageName;
    /** Names that mean something of this file's own, so that a type of the model of the same name needs its package. */
    private final Set<String> own = new TreeSet<>();

    private final Set<String> imports = new TreeSet<>();

    Scope(String packageName, Set<String> own) {
        this.packageName = packageName;
        this.own.addAll(own);
    }

    /** The simple name of a class, which is imported. */
    String use(String qualified) {
        String simple = qualified.substring(qualified.lastIndexOf('.') + 1);
        String itsPackage = qualified.substring(0, qualified.lastIndexOf('.'));
        if (own.contains(simple)) {
            return qualified;
        }
        if (!itsPackage.equals(packageName)) {
            imports.add(qualified);
        }
        return simple;
    }

    String qmp(String name) {
        return use(QMP + "." + name);
    }

    String model(String name) {
        return use(MODEL + "." + name);
    }

    /** The type of a value that is there: {@code long}, {@code List<String>}. */
    String type(Model.Ref ref) {
        if (ref.arrays() > 0) {
            return boxed(ref);
        }
        return switch (ref.name()) {
            case "int" -> "long";
            case "number" -> "double";
            case "bool" -> "boolean";
            default -> boxed(ref);
        };
    }

    /** The same as an object. */
    String boxed(Model.Ref ref) {
        if (ref.arrays() > 0) {
            return use("java.util.List") + "<" + boxed(ref.element()) + ">";
        }
        return switch (ref.name()) {
            case "str" -> "String";
            case "int" -> "Long";
            case "number" -> "Double";
            case "bool" -> "Boolean";
            case "any", "null" -> qmp("JsonValue");
            case "empty" -> qmp("QmpEmpty");
            default -> model(ref.name());
        };
    }

    String nullable(Model.Ref ref) {
        String type = boxed(ref);
        int lastDot = type.indexOf('<') >= 0 ? -1 : type.lastIndexOf('.');
        String annotation = "@" + use("org.jspecify.annotations.Nullable") + " ";
        // a type annotation stands right before the simple name
        return lastDot < 0
                ? annotation + type
                : type.substring(0, lastDot + 1) + annotation + type.substring(lastDot + 1);
    }

    /** What reads one value of the type: a method reference or a lambda. */
    String reader(Model.Ref ref) {
        if (ref.arrays() > 0) {
            return "item -> item.list(" + reader(ref.element()) + ")";
        }
        return switch (ref.name()) {
            case "str" -> qmp("QmpReader") + "::string";
            case "int" -> qmp("QmpReader") + "::integer";
            case "number" -> qmp("QmpReader") + "::number";
            case "bool" -> qmp("QmpReader") + "::bool";
            case "any", "null" -> qmp("QmpReader") + "::value";
            default -> boxed(ref) + "::read";
        };
    }

    /** The file's text: header, package, imports and what was written meanwhile. */
    String file(String body) {
        List<String> lines = new ArrayList<>();
        lines.add("/* SPDX-License-Identifier: Apache-2.0 */");
        lines.add("package " + packageName + ";");
        lines.add("");
        new LinkedHashSet<>(imports).forEach(each -> lines.add("import " + each + ";"));
        lines.add("");
        return String.join("\n", lines) + "\n" + body;
    }
}
