/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * Directories and files of the guest that outlive the VM: each is kept below {@link #at()}, a place on a writable share or volume of the
 * same VM, under its full path, and bind-mounted where it belongs.
 *
 * <pre>{@code
 * Persistence.at("/persistent").directories("/var/lib/postgresql").files("/etc/machine-id")
 * Persistence.at("/persistent").directories("git", ".stack").ofUser("dev")
 * }</pre>
 *
 * <p>What is missing below {@link #at()} is created before the VM starts, on the host where that is a share, by the guest where it is a
 * volume; what exists stays as it is. One persistent path inside another of the same place is refused: it is persistent already. So are
 * two that are kept at the same place, and one kept inside of what another one keeps.
 */
@Value.Immutable
@SpecStyle
public sealed interface Persistence permits ImmutablePersistence {
    /** {@return where it is kept: an absolute path in the guest, at or below the mount point of a writable share or volume} */
    String at();

    /** {@return the directories; absolute, or relative to the user's home} */
    List<PersistentPath> directories();

    /** {@return the files; absolute, or relative to the user's home} */
    List<PersistentPath> files();

    /** {@return the guest user whose home the paths are relative to, and who owns what is created; absent: the system, root} */
    Optional<String> user();

    /** {@return the user's home; absent: {@code /root} for root, else {@code /home/NAME}} */
    Optional<String> home();

    /** {@return the user's id in the guest; absent: 0 for root, else what the guest's {@code /etc/passwd} says} */
    Optional<Integer> uid();

    /** {@return the id of the user's group in the guest; absent: {@link #uid()}, or what the guest's {@code /etc/passwd} says} */
    Optional<Integer> gid();

    /**
     * {@return a place without anything kept there yet}
     *
     * @param at an absolute, normalised path in the guest, at or below the mount point of a writable share or volume of the same VM
     */
    static Persistence at(String at) {
        return builder().at(at).build();
    }

    /**
     * {@return this with further directories, created with mode 0755 where they are missing}
     *
     * @param paths absolute for the system, relative to the home for a user
     */
    default Persistence directories(String... paths) {
        return builder()
                .from(this)
                .addAllDirectories(Arrays.stream(paths)
                        .map(path -> new PersistentPath(path, PersistentPath.DIRECTORY_MODE))
                        .toList())
                .build();
    }

    /**
     * {@return this with a further directory}
     *
     * @param path absolute for the system, relative to the home for a user
     * @param mode with which it is created where it is missing, 0 to 0777 (octal)
     */
    default Persistence directory(String path, int mode) {
        return builder()
                .from(this)
                .addDirectories(new PersistentPath(path, mode))
                .build();
    }

    /**
     * {@return this with further files, created empty with mode 0644 where they are missing}
     *
     * @param paths absolute for the system, relative to the home for a user
     */
    default Persistence files(String... paths) {
        return builder()
                .from(this)
                .addAllFiles(Arrays.stream(paths)
                        .map(path -> new PersistentPath(path, PersistentPath.FILE_MODE))
                        .toList())
                .build();
    }

    /**
     * {@return this with a further file}
     *
     * @param path absolute for the system, relative to the home for a user
     * @param mode with which it is created, empty, where it is missing, 0 to 0777 (octal)
     */
    default Persistence file(String path, int mode) {
        return builder().from(this).addFiles(new PersistentPath(path, mode)).build();
    }

    /**
     * {@return this for a user of the guest, whose home all its paths are relative to}
     *
     * @param name as in the guest's {@code /etc/passwd}
     */
    default Persistence ofUser(String name) {
        return builder().from(this).user(name).build();
    }

    /**
     * {@return this for a user with an id that need not be in the guest's {@code /etc/passwd}}
     *
     * @param name the user's name, from which the home is made
     * @param uid the user's id, taken as the group's too, 0 to 2147483647
     */
    default Persistence ofUser(String name, int uid) {
        return builder().from(this).user(name).uid(uid).gid(uid).build();
    }

    /** {@return the home that relative paths begin at; empty for the system} */
    default Optional<String> homeFolder() {
        return user().map(name -> home().orElse(name.equals("root") ? "/root" : "/home/" + name));
    }

    /**
     * {@return where in the guest a path of this belongs, absolute}
     *
     * @param path one of {@link #directories()} or {@link #files()}
     */
    default String target(PersistentPath path) {
        return homeFolder().map(home -> home + "/" + path.path()).orElse(path.path());
    }

    /**
     * Checks the facts that need no other value; called by {@link Builder#build()}.
     *
     * @throws IllegalArgumentException naming the attribute, its value and the rule
     */
    @Value.Check
    default void check() {
        Attribute.guestPath("Persistence.at", at());
        if (at().equals("/")) {
            throw Attribute.bad("Persistence.at", at(), "must be the mount point of a share or volume, or below one");
        }
        user().ifPresent(name -> Attribute.name("Persistence.user", name));
        home().ifPresent(path -> Attribute.guestPath("Persistence.home", path));
        uid().ifPresent(id -> Attribute.range("Persistence.uid", id, 0, Integer.MAX_VALUE));
        gid().ifPresent(id -> Attribute.range("Persistence.gid", id, 0, Integer.MAX_VALUE));
        if (user().isEmpty() && (home().isPresent() || uid().isPresent() || gid().isPresent())) {
            throw Attribute.bad(
                    "Persistence.user", "absent", "home, uid and gid are those of a user: say ofUser(\"NAME\")");
        }
        if (gid().isPresent() && uid().isEmpty()) {
            throw Attribute.bad("Persistence.gid", gid().get(), "needs the uid beside it");
        }
        directories().forEach(path -> checkForm("Persistence.directories", path.path()));
        files().forEach(path -> checkForm("Persistence.files", path.path()));
    }

    private void checkForm(String attribute, String path) {
        // A relative one without a user is no error yet, for ofUser may still follow; the preflight tells.
        if (user().isPresent() && path.startsWith("/")) {
            throw Attribute.bad(
                    attribute,
                    path,
                    "must be relative to the home " + homeFolder().orElseThrow()
                            + "; what lies elsewhere belongs to a Persistence of the system");
        }
    }

    /** {@return a new builder} */
    static Builder builder() {
        return ImmutablePersistence.builder();
    }

    /** Builds a {@link Persistence}; not thread-safe, reusable. */
    abstract sealed class Builder permits ImmutablePersistence.Builder {
        Builder() {}

        /**
         * Copies all attributes of a value; lists are added to.
         *
         * @param value what is absent in it stays as it is here
         * @return this builder
         */
        public abstract Builder from(Persistence value);

        /**
         * Sets where it is kept; required.
         *
         * @param value an absolute, normalised path in the guest, at or below the mount point of a writable share or volume
         * @return this builder
         */
        public abstract Builder at(String value);

        /**
         * Keeps directories. Adds to what is there.
         *
         * @param values absolute for the system, relative to the home for a user
         * @return this builder
         */
        public abstract Builder addDirectories(PersistentPath... values);

        /**
         * Keeps directories. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllDirectories(Iterable<? extends PersistentPath> values);

        /**
         * Keeps files. Adds to what is there.
         *
         * @param values absolute for the system, relative to the home for a user
         * @return this builder
         */
        public abstract Builder addFiles(PersistentPath... values);

        /**
         * Keeps files. Adds to what is there.
         *
         * @param values the same, as a collection; may be empty
         * @return this builder
         */
        public abstract Builder addAllFiles(Iterable<? extends PersistentPath> values);

        /**
         * Sets the user.
         *
         * @param value 1 to 63 letters, digits, '.', '_' or '-', starting with a letter or digit; not set: the system
         * @return this builder
         */
        public abstract Builder user(String value);

        /**
         * Sets the user's home.
         *
         * @param value an absolute, normalised path in the guest; default {@code /root} for root, else {@code /home/NAME}
         * @return this builder
         */
        public abstract Builder home(String value);

        /**
         * Sets the user's id.
         *
         * @param value 0 to 2147483647; default 0 for root, else what the guest's {@code /etc/passwd} says
         * @return this builder
         */
        public abstract Builder uid(int value);

        /**
         * Sets the id of the user's group.
         *
         * @param value 0 to 2147483647, only with a uid, which is its default; else what the guest's {@code /etc/passwd} says
         * @return this builder
         */
        public abstract Builder gid(int value);

        /**
         * {@return the value}
         *
         * @throws IllegalArgumentException if something required is missing or a rule is broken
         */
        public abstract Persistence build();
    }
}
