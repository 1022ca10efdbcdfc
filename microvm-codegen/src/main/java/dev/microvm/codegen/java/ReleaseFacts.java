/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which commands, members and values not every release has, as a text for messages: a line for each command that has something to tell.
 *
 * <pre>{@code
 * 7.2,10.0,11.1
 * block-commit * backing-mask-protocol:10.0,11.1
 * query-accelerators 10.0,11.1
 * query-stats * target=cryptodev:10.0,11.1
 * }</pre>
 *
 * <p>A member is told by its name alone, at whatever depth; where the same name stands for members of different releases, nothing is said.
 */
final class ReleaseFacts {
    static final String CLASS = "ReleaseFacts";

    private final Model model;
    private final List<String> all;

    ReleaseFacts(Model model) {
        this.model = model;
        this.all = List.copyOf(model.releases().keySet());
    }

    String source() {
        Scope scope = new Scope(Scope.QMP, Set.of(CLASS));
        JavaText out = new JavaText();
        out.doc(List.of(
                "What not every release of QEMU has, of commands and their arguments; {@link Availability} reads it. And which",
                "commands are not judged by what introspection shows; {@link ArgumentCheck} asks for them."));
        out.line("final class %s {", CLASS).line("private %s() {}", CLASS).blank();
        // A constant would be copied into the class that uses it.
        out.line("static String text() {").line("return \"\"\"");
        text().lines().forEach(line -> out.line("%s", line));
        out.line("\"\"\";").line("}").blank();
        out.line(
                "/** The commands that take arguments of any name: introspection shows only those that all drivers have. */");
        String set = scope.use("java.util.Set");
        out.line("static %s<String> freeForm() {", set)
                .line(
                        "return %s.of(%s);",
                        set,
                        CommandSources.FREE_FORM.stream()
                                .sorted()
                                .map(each -> "\"" + each + "\"")
                                .collect(Collectors.joining(", ")))
                .line("}")
                .line("}");
        return scope.file(out.toString());
    }

    String text() {
        StringBuilder text = new StringBuilder(String.join(",", all)).append('\n');
        model.commands().forEach((wire, command) -> {
            List<String> releases = command.about().releases();
            StringBuilder facts = new StringBuilder();
            factsOf(command)
                    .forEach((fact, of) ->
                            facts.append(' ').append(fact).append(':').append(String.join(",", of)));
            if (!releases.equals(all) || facts.length() > 0) {
                text.append(wire)
                        .append(' ')
                        .append(releases.equals(all) ? "*" : String.join(",", releases))
                        .append(facts)
                        .append('\n');
            }
        });
        return text.toString();
    }

    private Map<String, List<String>> factsOf(Model.Command command) {
        Walk walk = new Walk();
        walk.members(command.arguments());
        command.union().ifPresent(walk::type);
        Map<String, List<String>> facts = new TreeMap<>();
        walk.found.forEach((fact, seen) -> {
            Set<List<String>> within = new HashSet<>();
            seen.forEach(releases -> within.add(releases.stream()
                    .filter(command.about().releases()::contains)
                    .toList()));
            List<String> only = within.iterator().next();
            if (within.size() == 1 && !only.equals(command.about().releases())) {
                facts.put(fact, only);
            }
        });
        return facts;
    }

    /** Everything that the arguments of a command can hold. */
    private final class Walk {
        private final Map<String, Set<List<String>>> found = new TreeMap<>();
        private final Set<String> visited = new TreeSet<>();

        private void note(String fact, Model.About about) {
            found.computeIfAbsent(fact, each -> new HashSet<>()).add(about.releases());
        }

        private void members(List<Model.Member> members) {
            for (Model.Member member : members) {
                note(member.name(), member.about());
                if (member.type().isNamed()) {
                    values(member.name(), member.type().name());
                    type(member.type().name());
                }
            }
        }

        /** The values of an enumeration, also as one of several kinds of values; told with their member. */
        private void values(String member, String name) {
            Model.Type type = model.type(name);
            if (type instanceof Model.EnumType enumeration) {
                enumeration.values().forEach((value, about) -> note(member + "=" + value, about));
            } else if (type instanceof Model.AlternateType alternate) {
                alternate.types().stream().filter(Model.Ref::isNamed).forEach(ref -> values(member, ref.name()));
            }
        }

        private void type(String name) {
            if (!visited.add(name)) {
                return;
            }
            Model.Type type = model.type(name);
            if (type instanceof Model.ObjectType object) {
                members(object.members());
            } else if (type instanceof Model.UnionType union) {
                members(union.base());
                union.branches().values().forEach(branch -> {
                    members(branch.members());
                    branch.union().ifPresent(this::type);
                });
            } else if (type instanceof Model.AlternateType alternate) {
                alternate.types().stream().filter(Model.Ref::isNamed).forEach(ref -> type(ref.name()));
            }
        }
    }
}
