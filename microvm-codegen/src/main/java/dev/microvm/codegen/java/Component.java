/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.JavaNames;
import dev.microvm.codegen.model.Model;
import java.util.List;

/**
 * A component of a generated record.
 *
 * @param name its Java name
 * @param wire its name on the wire
 * @param type its type
 * @param optional whether it may be absent
 * @param about where it is
 * @param flat whether it is a union whose members stand on the same level
 * @param beside the members that stand beside those of such a union and are not its own
 */
record Component(
        String name,
        String wire,
        Model.Ref type,
        boolean optional,
        Model.About about,
        boolean flat,
        List<String> beside) {

    /**
     * What is deprecated goes some day, and results without it must still be read; so it may always be absent.
     */
    static Component of(Model.Member member) {
        return new Component(
                JavaNames.member(member.name()),
                member.name(),
                member.type(),
                member.optional() || member.about().deprecated(),
                member.about(),
                false,
                List.of());
    }

    static List<Component> of(List<Model.Member> members) {
        return members.stream().map(Component::of).toList();
    }

    /** The same, but it may be absent. */
    Component orAbsent() {
        return new Component(name, wire, type, true, about, flat, beside);
    }

    /** The members of a union within a branch of another one. A branch of it that is not known must not take the outer ones for its own. */
    static Component flat(String branch, String union, Model.About about, List<Component> base) {
        List<String> beside = base.stream().map(Component::wire).toList();
        return new Component(JavaNames.member(branch), branch, new Model.Ref(union, 0), false, about, true, beside);
    }

    String declaration(Scope scope) {
        // @Deprecated means nothing on a component
        return (about.unstable() ? "@" + scope.qmp("QmpUnstable") + " " : "") + type(scope) + " " + name;
    }

    String type(Scope scope) {
        return optional ? scope.nullable(type) : scope.type(type);
    }

    /** The expression that reads it from the reader {@code in}. */
    String read(Scope scope, Model model) {
        if (flat) {
            String names = String.join(
                    ", ", beside.stream().map(each -> "\"" + each + "\"").toList());
            return scope.boxed(type) + ".read(in" + (beside.isEmpty() ? "" : ".without(" + names + ")") + ")";
        }
        String plain = switch (type.arrays() > 0 ? "list" : type.name()) {
            case "str" -> "string";
            case "int" -> "integer";
            case "number" -> "number";
            case "bool" -> "bool";
            default -> "";
        };
        if (!plain.isEmpty()) {
            return "in." + plain + (optional ? "OrNull" : "") + "(\"" + wire + "\")";
        }
        String value = "in.member(\"" + wire + "\")";
        String read;
        if (type.arrays() > 0) {
            read = value + ".list(" + scope.reader(type.element()) + ")";
        } else if (type.name().equals("any")) {
            read = value + ".value()";
        } else {
            read = scope.boxed(type) + ".read(" + value + ")";
        }
        return optional
                ? "in." + (mayBeNull(model) ? "contains" : "has") + "(\"" + wire + "\") ? " + read + " : null"
                : read;
    }

    private boolean mayBeNull(Model model) {
        return type.name().equals("any")
                || (type.isNamed()
                        && model.type(type.name()) instanceof Model.AlternateType alternate
                        && alternate.types().stream()
                                .anyMatch(each -> each.name().equals("null")));
    }

    String write() {
        return flat ? "this." + name + ".writeMembers(out);" : "out.member(\"" + wire + "\", this." + name + ");";
    }
}
