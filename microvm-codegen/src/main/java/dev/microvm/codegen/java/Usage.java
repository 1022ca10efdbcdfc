/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which types are sent, in arguments: only these need builders. */
final class Usage {
    private final Model model;
    private final Set<String> sent = new TreeSet<>();

    Usage(Model model) {
        this.model = model;
        for (Model.Command command : model.commands().values()) {
            command.union().ifPresent(union -> add(union, sent));
            addAll(command.arguments(), sent);
        }
    }

    boolean isSent(String type) {
        return sent.contains(type);
    }

    private void addAll(List<Model.Member> members, Set<String> found) {
        for (Model.Member member : members) {
            if (member.type().isNamed()) {
                add(member.type().name(), found);
            }
        }
    }

    private void add(String name, Set<String> found) {
        if (!found.add(name)) {
            return;
        }
        Model.Type type = model.type(name);
        if (type instanceof Model.ObjectType object) {
            addAll(object.members(), found);
        } else if (type instanceof Model.UnionType union) {
            addAll(union.base(), found);
            union.branches().values().forEach(branch -> {
                addAll(branch.members(), found);
                branch.union().ifPresent(inner -> add(inner, found));
            });
        } else if (type instanceof Model.AlternateType alternate) {
            alternate.types().stream().filter(Model.Ref::isNamed).forEach(ref -> add(ref.name(), found));
        }
    }
}
