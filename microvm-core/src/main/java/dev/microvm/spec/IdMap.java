/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.List;
import org.immutables.value.Value;

/**
 * Who owns what on a {@link VirtiofsShare}: how user and group ids of the guest and of the host correspond.
 */
@Value.Immutable
@SpecStyle
public sealed interface IdMap permits ImmutableIdMap {
    /** {@return the kind of map} */
    Kind kind();

    /** {@return for {@link Kind#CALLER} and {@link Kind#SUBORDINATE}: the guest user that owns the caller's files; default 0} */
    @Value.Default
    default int guestUid() {
        return 0;
    }

    /** {@return for {@link Kind#CALLER} and {@link Kind#SUBORDINATE}: the guest group that owns the caller's files; default 0} */
    @Value.Default
    default int guestGid() {
        return 0;
    }

    /** {@return for {@link Kind#TRANSLATE}: the rules for user ids} */
    List<IdTranslation> uidTranslations();

    /** {@return for {@link Kind#TRANSLATE}: the rules for group ids} */
    List<IdTranslation> gidTranslations();

    /** {@return for {@link Kind#NAMESPACE}: the ranges of user ids; none: the caller's own id, unchanged} */
    List<IdRange> uidRanges();

    /** {@return for {@link Kind#NAMESPACE}: the ranges of group ids; none: the caller's own id, unchanged} */
    List<IdRange> gidRanges();

    /** The caller's files belong to the guest's root, and whatever any guest user writes belongs to the caller on the host. */
    IdMap CALLER = callerAs(0);

    /** Ids are the same on both sides; only with virtiofsd as root are foreign owners kept. */
    IdMap IDENTITY = builder().kind(Kind.IDENTITY).build();

    /** The kinds of map. */
    enum Kind {
        /** All files belong to the caller on the host and to one user in the guest. virtiofsd 1.13.0 and later. */
        CALLER,
        /** Ids are the same on both sides. */
        IDENTITY,
        /** By rules that virtiofsd applies itself, as root and not. virtiofsd 1.13.0 and later. */
        TRANSLATE,
        /** By a user namespace with ranges given one by one; only without root. virtiofsd 1.6 and later. */
        NAMESPACE,
        /**
         * By a user namespace: the caller is one id of the guest, all other ids of the guest are the caller's subordinate ids, from
         * {@code /etc/subuid} and {@code /etc/subgid} in their order. Owners are kept, though no root is needed: only without root.
         * virtiofsd 1.11 and later, and newuidmap(1).
         */
        SUBORDINATE
    }

    /**
     * {@return the map that shows the caller's files as owned by a user and a group of the guest with this id}
     *
     * @param guestId 0 to 2147483647; taken as the user's and the group's id
     */
    static IdMap callerAs(int guestId) {
        return builder().kind(Kind.CALLER).guestUid(guestId).guestGid(guestId).build();
    }

    /**
     * {@return the map that shows the caller as a user and a group of the guest with this id, and keeps all others apart as subordinate ids}
     *
     * @param guestId 0 to 2147483647; taken as the user's and the group's id
     */
    static IdMap subordinateAs(int guestId) {
        return builder()
                .kind(Kind.SUBORDINATE)
                .guestUid(guestId)
                .guestGid(guestId)
                .build();
    }

    /**
     * {@return the map by rules}
     *
     * @param uids the rules for user ids; none: they stay as they are
     * @param gids the rules for group ids; none: they stay as they are
     */
    static IdMap translating(List<IdTranslation> uids, List<IdTranslation> gids) {
        return builder()
                .kind(Kind.TRANSLATE)
                .addAllUidTranslations(uids)
                .addAllGidTranslations(gids)
                .build();
    }

    /**
     * {@return the map by a user namespace}
     *
     * @param uids the ranges of user ids; none: the caller's own id, unchanged
     * @param gids the ranges of group ids; none: the caller's own id, unchanged
     */
    static IdMap namespace(List<IdRange> uids, List<IdRange> gids) {
        return builder()
                .kind(Kind.NAMESPACE)
                .addAllUidRanges(uids)
                .addAllGidRanges(gids)
                .build();
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.range("IdMap.guestUid", guestUid(), 0, Integer.MAX_VALUE);
        Attribute.range("IdMap.guestGid", guestGid(), 0, Integer.MAX_VALUE);
        IdMapRules.check(this);
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutableIdMap.builder();
    }

    /** Builds a {@link IdMap}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutableIdMap.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(IdMap value);

        /**
         * Sets the kind; required.
         *
         * @param value {@link Kind#CALLER} also works without root, {@link Kind#IDENTITY} keeps foreign owners only as root
         * @return this builder
         */
        public abstract Builder kind(Kind value);

        /**
         * Sets the guest user that owns the caller's files.
         *
         * @param value 0 to 2147483647, default 0; for {@link Kind#CALLER} and {@link Kind#SUBORDINATE}
         * @return this builder
         */
        public abstract Builder guestUid(int value);

        /**
         * Sets the guest group that owns the caller's files.
         *
         * @param value 0 to 2147483647, default 0; for {@link Kind#CALLER} and {@link Kind#SUBORDINATE}
         * @return this builder
         */
        public abstract Builder guestGid(int value);

        /**
         * Adds rules for user ids.
         *
         * @param values for {@link Kind#TRANSLATE} only; no two may say something of the same id
         * @return this builder
         */
        public abstract Builder addAllUidTranslations(Iterable<? extends IdTranslation> values);

        /**
         * Adds rules for group ids.
         *
         * @param values for {@link Kind#TRANSLATE} only; no two may say something of the same id
         * @return this builder
         */
        public abstract Builder addAllGidTranslations(Iterable<? extends IdTranslation> values);

        /**
         * Adds ranges of user ids.
         *
         * @param values for {@link Kind#NAMESPACE} only; no two may meet, in the guest or on the host
         * @return this builder
         */
        public abstract Builder addAllUidRanges(Iterable<? extends IdRange> values);

        /**
         * Adds ranges of group ids.
         *
         * @param values for {@link Kind#NAMESPACE} only; no two may meet, in the guest or on the host
         * @return this builder
         */
        public abstract Builder addAllGidRanges(Iterable<? extends IdRange> values);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract IdMap build();
    }
}
