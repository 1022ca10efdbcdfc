/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import org.immutables.value.Value;

/**
 * Who owns what on a {@link VirtiofsShare}: how user and group ids of the guest and of the host correspond.
 */
@Value.Immutable
@SpecStyle
public sealed interface IdMap permits ImmutableIdMap {
    /** {@return the kind of map} */
    Kind kind();

    /** {@return for {@link Kind#CALLER}: the guest user that owns the caller's files; default 0} */
    @Value.Default
    default int guestUid() {
        return 0;
    }

    /** {@return for {@link Kind#CALLER}: the guest group that owns the caller's files; default 0} */
    @Value.Default
    default int guestGid() {
        return 0;
    }

    /** The caller's files belong to the guest's root, and whatever any guest user writes belongs to the caller on the host. */
    IdMap CALLER = callerAs(0);

    /** Ids are the same on both sides; only with virtiofsd as root are foreign owners kept. */
    IdMap IDENTITY = builder().kind(Kind.IDENTITY).build();

    /** The kinds of map. */
    enum Kind {
        /** All files belong to the caller on the host and to one user in the guest. */
        CALLER,
        /** Ids are the same on both sides. */
        IDENTITY
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
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.range("IdMap.guestUid", guestUid(), 0, Integer.MAX_VALUE);
        Attribute.range("IdMap.guestGid", guestGid(), 0, Integer.MAX_VALUE);
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
         * Sets the guest user.
         *
         * @param value 0 to 2147483647, default 0; without meaning for {@link Kind#IDENTITY}
         * @return this builder
         */
        public abstract Builder guestUid(int value);

        /**
         * Sets the guest group.
         *
         * @param value 0 to 2147483647, default 0; without meaning for {@link Kind#IDENTITY}
         * @return this builder
         */
        public abstract Builder guestGid(int value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract IdMap build();
    }
}
