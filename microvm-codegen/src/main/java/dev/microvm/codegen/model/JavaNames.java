/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.model;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** How names on the wire become names of Java. */
public final class JavaNames {
    /** What Java reserves, or a record may not call its components. */
    private static final Map<String, String> RESERVED = Map.ofEntries(
            Map.entry("abstract", "isAbstract"),
            Map.entry("case", "caseName"),
            Map.entry("class", "className"),
            Map.entry("default", "defaultValue"),
            Map.entry("if", "interfaceType"),
            Map.entry("implements", "implementedTypes"),
            Map.entry("interface", "interfaceName"),
            Map.entry("package", "packageVersion"),
            Map.entry("static", "isStatic"),
            Map.entry("wait", "waitForClient"));

    /** Names of java.lang that generated sources use, so no type may take them. */
    private static final Set<String> TAKEN = Set.of(
            "Boolean", "Double", "Long", "Object", "Override", "String", "List", "Optional", "Builder", "Deprecated");

    private JavaNames() {}

    /**
     * {@return a type's name}
     *
     * @param wire a name on the wire, such as {@code query-status}, {@code JOB_STATUS_CHANGE} or {@code blockdev-add.driver}
     */
    public static String type(String wire) {
        StringBuilder name = new StringBuilder();
        for (String word : words(wire)) {
            name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
        }
        String java = name.toString();
        if (!Character.isJavaIdentifierStart(java.charAt(0))) {
            java = "_" + java;
        }
        return TAKEN.contains(java) ? java + "Value" : java;
    }

    /**
     * {@return the name of a component and of what reads and sets it}
     *
     * @param wire the member's name on the wire
     */
    public static String member(String wire) {
        String reserved = RESERVED.get(wire);
        if (reserved != null) {
            return reserved;
        }
        String name = type(wire);
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    /**
     * {@return the name of a constant}
     *
     * @param wire the value on the wire
     */
    public static String constant(String wire) {
        String name = String.join("_", words(wire)).toUpperCase(Locale.ROOT);
        return Character.isJavaIdentifierStart(name.charAt(0)) ? name : "_" + name;
    }

    /** The words in lower case, split at everything that no identifier has; capitals only within one word, as in DIMM. */
    private static String[] words(String wire) {
        return wire.toLowerCase(Locale.ROOT).split("[^a-z0-9]+", -1);
    }
}
