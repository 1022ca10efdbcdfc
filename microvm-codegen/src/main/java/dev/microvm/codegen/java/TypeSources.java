/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.List;
import java.util.Set;

/** Sources of the types of the model. */
final class TypeSources {
    private final Model model;
    private final Docs docs;
    private final Usage usage;

    TypeSources(Model model) {
        this.model = model;
        this.docs = new Docs(model);
        this.usage = new Usage(model);
    }

    String source(String name, Model.Type type) {
        if (type instanceof Model.ObjectType object) {
            return object(name, object);
        } else if (type instanceof Model.UnionType union) {
            return new UnionSource(model, usage).source(name, union);
        } else if (type instanceof Model.EnumType enumeration) {
            return new EnumSource(model).source(name, enumeration);
        }
        return new AlternateSource(model).source(name, (Model.AlternateType) type);
    }

    private String object(String name, Model.ObjectType type) {
        Scope scope = new Scope(Scope.MODEL, Set.of(name));
        JavaText out = new JavaText();
        List<Component> components = Component.of(type.members());
        out.doc(docs.type("An object of QMP.", docs.everywhere(), components));
        RecordSource record = new RecordSource(model, scope, out, name, components);
        record.open(scope.qmp("QmpObject"));
        record.reader("read", "it");
        record.writer("writeMembers", "", "");
        record.identity();
        if (usage.isSent(name)) {
            record.factory();
            record.builder("read");
        }
        out.line("}");
        return scope.file(out.toString());
    }
}
