/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.java;

import dev.microvm.codegen.model.Model;
import java.util.ArrayList;
import java.util.List;

/** Javadoc made of facts: names on the wire, releases, and what QEMU calls deprecated or unstable. */
final class Docs {
    private final List<String> releases;

    Docs(Model model) {
        this.releases = List.copyOf(model.releases().keySet());
    }

    /** Where something is, in words; empty where it is in every release and nothing else is to be said. */
    String about(Model.About about) {
        StringBuilder text = new StringBuilder();
        if (!about.releases().equals(releases)) {
            text.append(" Only in QEMU ").append(and(about.releases())).append('.');
        }
        if (about.deprecated()) {
            text.append(" QEMU ").append(newest(about)).append(" calls it deprecated.");
        }
        if (about.unstable()) {
            text.append(" QEMU calls it unstable.");
        }
        return text.toString();
    }

    private static String newest(Model.About about) {
        return about.releases().get(about.releases().size() - 1);
    }

    private static String and(List<String> words) {
        int last = words.size() - 1;
        return last == 0 ? words.get(0) : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
    }

    /** The comment of a type. */
    List<String> type(String sentence, Model.About about, List<Component> components) {
        List<String> lines = new ArrayList<>();
        lines.add(sentence + about(about));
        if (!components.isEmpty()) {
            lines.add("");
            components.forEach(component -> lines.add(param(component)));
        }
        if (about.deprecated()) {
            if (components.isEmpty()) {
                lines.add("");
            }
            lines.add("@deprecated QEMU " + newest(about) + " calls it so");
        }
        return lines;
    }

    String param(Component component) {
        String what = component.flat()
                ? "the members of this branch, which are a union of their own"
                : "{@code " + component.wire() + "}" + (component.optional() ? ", or null" : "");
        String about = about(component.about());
        return "@param " + component.name() + " " + what
                + (about.isEmpty()
                        ? ""
                        : ";" + about.replaceFirst("Only in", "only in").replaceAll("\\.$", ""));
    }

    Model.About everywhere() {
        return new Model.About(releases, false, false);
    }

    /** The annotations that say the same. */
    static void annotate(Scope scope, JavaText out, Model.About about) {
        if (about.deprecated()) {
            out.line("@Deprecated");
        }
        if (about.unstable()) {
            out.line("@%s", scope.qmp("QmpUnstable"));
        }
    }
}
