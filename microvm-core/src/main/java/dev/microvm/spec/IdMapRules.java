/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.List;
import java.util.function.BiPredicate;

/** What can be wrong within one {@link IdMap}; virtiofsd and the kernel would refuse it too, but only when the share is started. */
final class IdMapRules {
    private IdMapRules() {}

    static void check(IdMap map) {
        belongs(map, IdMap.Kind.TRANSLATE, map.uidTranslations(), "uidTranslations");
        belongs(map, IdMap.Kind.TRANSLATE, map.gidTranslations(), "gidTranslations");
        belongs(map, IdMap.Kind.NAMESPACE, map.uidRanges(), "uidRanges");
        belongs(map, IdMap.Kind.NAMESPACE, map.gidRanges(), "gidRanges");
        apart("uidTranslations", map.uidTranslations(), IdTranslation::contradicts);
        apart("gidTranslations", map.gidTranslations(), IdTranslation::contradicts);
        apart("uidRanges", map.uidRanges(), IdRange::contradicts);
        apart("gidRanges", map.gidRanges(), IdRange::contradicts);
        if (map.kind() == IdMap.Kind.TRANSLATE
                && map.uidTranslations().isEmpty()
                && map.gidTranslations().isEmpty()) {
            throw Attribute.bad("IdMap.uidTranslations", "[]", "no rule at all is IdMap.IDENTITY");
        }
    }

    private static void belongs(IdMap map, IdMap.Kind kind, List<?> list, String attribute) {
        if (!list.isEmpty() && map.kind() != kind) {
            throw Attribute.bad("IdMap." + attribute, list, "belongs to Kind." + kind + ", and this is " + map.kind());
        }
    }

    private static <T> void apart(String attribute, List<T> list, BiPredicate<T, T> contradict) {
        for (int i = 0; i < list.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (contradict.test(list.get(i), list.get(j))) {
                    throw Attribute.bad(
                            "IdMap." + attribute, list.get(i), "says of some ids something else than " + list.get(j));
                }
            }
        }
    }
}
