/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.storage;

import dev.microvm.error.Problem;
import dev.microvm.internal.mount.Keeper;
import dev.microvm.internal.mount.PersistentTarget;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.spec.IdTranslation;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Whether users of the guest own what is made for them on shares whose map of ids says more than who the caller is there. What is there
 * already is left alone, whoever owns it; and a user whose id only the guest knows is compared there.
 */
public final class PersistentOwners {
    private static final long OTHER_DIRECTION = -1;

    private PersistentOwners() {}

    /**
     * {@return what would be made for users who could not write there}
     *
     * @param spec the spec, extensions written out
     * @param caller the caller's user id, who makes it
     */
    public static List<Problem> problems(VmSpec spec, int caller) {
        Set<Problem> problems = new LinkedHashSet<>();
        for (PersistentTarget kept : PersistentTarget.of(spec)) {
            Keeper.of(spec, kept.persistence().at())
                    .ifPresent(keeper -> keeper.share().ifPresent(share -> {
                        if (share instanceof VirtiofsShare virtiofs
                                && isOther(kept, virtiofs.idMap(), caller)
                                && isToBeMade(virtiofs, kept, keeper)) {
                            problems.add(problem(kept, virtiofs, caller));
                        }
                    }));
        }
        return List.copyOf(problems);
    }

    private static boolean isOther(PersistentTarget kept, IdMap map, int caller) {
        boolean byRules = map.kind() == IdMap.Kind.TRANSLATE || (map.kind() == IdMap.Kind.NAMESPACE && caller != 0);
        return byRules
                && kept.target().startsWith("/")
                && kept.ids().filter(ids -> ids.uid() != 0).isPresent()
                && !shown(map, caller).equals(OptionalLong.of(kept.ids().get().uid()));
    }

    private static boolean isToBeMade(VirtiofsShare share, PersistentTarget kept, Keeper keeper) {
        try (SharedFolder folder = SharedFolder.open(share.source())) {
            return folder.kindOf(kept.onHost(keeper)) == SharedFolder.Kind.ABSENT;
        } catch (IOException e) {
            return false; // told by PersistentFolders, or it is no folder at all
        }
    }

    private static Problem problem(PersistentTarget kept, VirtiofsShare share, int caller) {
        int uid = kept.ids().orElseThrow().uid();
        String user = kept.persistence().user().orElse("root");
        OptionalLong shown = shown(share.idMap(), caller);
        return new Problem(
                "persistence[at=" + kept.persistence().at() + "].user",
                "the idMap of the share \"" + share.tag() + "\" shows what this user (" + caller + ") makes as "
                        + (shown.isPresent() ? "owned by the user " + shown.getAsLong() : "nobody's") + ", so " + user
                        + " (" + uid + ") could not write there",
                "say mappingUser(" + uid + ") on that share, or let its idMap show " + caller + " as " + uid
                        + ", or make what is missing yourself, with an owner whom it shows so");
    }

    /** {@return as whom the guest sees a user of the host; empty: as nobody} */
    static OptionalLong shown(IdMap map, long host) {
        if (map.kind() == IdMap.Kind.NAMESPACE) {
            return map.uidRanges().isEmpty() ? OptionalLong.of(host) : inRange(map.uidRanges(), host);
        }
        // No two rules say something of the same id of the host.
        for (IdTranslation rule : map.uidTranslations()) {
            long first = rule.kind() == IdTranslation.Kind.MAP ? rule.to() : rule.from();
            if (host >= first && host < first + rule.count()) {
                long guest = switch (rule.kind()) {
                    case MAP -> rule.from() + host - first;
                    case HOST -> rule.to() + host - first;
                    case SQUASH_HOST -> rule.to();
                    case GUEST, SQUASH_GUEST, FORBID_GUEST -> OTHER_DIRECTION;
                };
                if (guest != OTHER_DIRECTION) {
                    return OptionalLong.of(guest);
                }
            }
        }
        return OptionalLong.of(host);
    }

    private static OptionalLong inRange(List<IdRange> ranges, long host) {
        for (IdRange range : ranges) {
            long first = range.hostFrom(host);
            if (host >= first && host < first + range.count()) {
                return OptionalLong.of(range.guest() + host - first);
            }
        }
        return OptionalLong.empty();
    }
}
