/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen.merge;

import dev.microvm.codegen.model.Model;
import dev.microvm.codegen.schema.Schema;
import java.lang.module.ModuleDescriptor.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What stands in one place of several releases: where it is, of which types, and what the newest release says of it. */
final class Place {
    private final Map<String, Set<String>> features = new LinkedHashMap<>();
    private final List<TypeNode> types = new ArrayList<>();
    private boolean optional;

    void add(Schema schema, Set<String> featuresThere) {
        features.putIfAbsent(schema.version(), featuresThere);
    }

    void add(TypeNode owner, Schema.Member member) {
        add(owner.schema(), member.features());
        types.add(owner.sibling(member.type()));
        optional |= member.optional();
    }

    void add(TypeNode type) {
        add(type.schema(), Set.of());
        types.add(type);
    }

    List<TypeNode> types() {
        return types;
    }

    /** Whether it may be left out in some release, or is missing in one of so many owners or so many releases. */
    boolean isOptional(int owners, int releases) {
        return optional || types.size() != owners || features.size() != releases;
    }

    Model.About about() {
        List<String> inOrder =
                features.keySet().stream().sorted(Place::compareReleases).toList();
        Set<String> newest = features.getOrDefault(inOrder.get(inOrder.size() - 1), Set.of());
        return new Model.About(inOrder, newest.contains("deprecated"), newest.contains("unstable"));
    }

    private static int compareReleases(String a, String b) {
        return Version.parse(a).compareTo(Version.parse(b));
    }
}
