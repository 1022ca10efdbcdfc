/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.image;

import dev.microvm.internal.mount.GuestMount;
import dev.microvm.internal.mount.GuestPaths;
import dev.microvm.internal.mount.PersistentTarget;
import dev.microvm.spec.Persistence;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a guest does before a mount, as a POSIX shell script: the mount point and the folders a mount is made from. It fails with a
 * sentence, changes nothing that exists, and can be repeated.
 */
public final class MountPreparation {
    private static final String FUNCTIONS = """
            fail() { echo "$*"; exit 1; }
            made() { # FOLDER MODE
                [ -d "$1" ] && return
                [ ! -e "$1" ] || fail "$1 is a file, and a directory is needed there"
                if mkdir -m "$2" "$1"; then
                    chown "$own" "$1" || fail "cannot give $1 to $own"
                else # systemd runs these side by side, so another one may have made it
                    [ -d "$1" ] ||
                        fail "cannot make $1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)"
                fi
            }
            """;

    private MountPreparation() {}

    /** {@return the script for a mount; its lines end in a newline} */
    public static String of(GuestMount mount) {
        if (mount instanceof GuestMount.OfPersistence persistent) {
            return persistent(persistent);
        }
        String point = "mkdir -p " + ShellText.quote(mount.where())
                + " || { echo 'the mount point is not there and cannot be made'; exit 1; }\n";
        if (mount instanceof GuestMount.OfOverlay overlay) {
            return "mkdir -p " + ShellText.quote(overlay.upperFolder()) + " " + ShellText.quote(overlay.workFolder())
                    + " || exit 1\n" + point;
        }
        return point;
    }

    private static String persistent(GuestMount.OfPersistence mount) {
        PersistentTarget kept = mount.kept();
        Persistence persistence = kept.persistence();
        StringBuilder script = new StringBuilder(FUNCTIONS);
        script.append(owner(kept));
        if (mount.onVolume()) {
            script.append("mkdir -p ").append(ShellText.quote(persistence.at())).append(" || fail 'cannot make it'\n");
            script.append(parents(persistence.at(), kept.keptHome(), kept.source()));
            script.append(self(kept.source(), kept, kept.path().mode()));
        }
        script.append(source(kept));
        if (!mount.onVolume() && kept.ids().isEmpty()) {
            script.append(ownedOnShare(kept));
        }
        script.append(parents("/", persistence.homeFolder(), kept.target()));
        // What is below the mount is never seen.
        script.append(self(kept.target(), kept, kept.file() ? 0644 : 0755));
        return script.toString();
    }

    /** Who owns what is made. */
    private static String owner(PersistentTarget kept) {
        Optional<PersistentTarget.Ids> ids = kept.ids();
        if (ids.isPresent()) {
            return "own=" + ids.get().uid() + ":" + ids.get().gid() + "\n";
        }
        String user = kept.persistence().user().orElseThrow();
        return "own=\n"
                + "while IFS=: read -r name _ uid gid _; do\n"
                + "    [ \"$name\" != " + ShellText.quote(user) + " ] || own=$uid:$gid\n"
                + "done </etc/passwd\n"
                + "[ -n \"$own\" ] || fail "
                + ShellText.quote("the guest's /etc/passwd has no user " + user + ": say its id, as in ofUser(\"" + user
                        + "\", 1000)")
                + "\n";
    }

    /** Folders above the home are root's, the home is closed to others, folders in it are its user's. */
    private static String parents(String top, Optional<String> home, String path) {
        StringBuilder script = new StringBuilder();
        String begin = top;
        if (home.isPresent()) {
            begin = home.get();
            script.append("mkdir -p ")
                    .append(ShellText.quote(GuestPaths.parent(begin)))
                    .append(" || exit 1\nmade ")
                    .append(ShellText.quote(begin))
                    .append(" 0700\n");
        }
        GuestPaths.between(begin, path)
                .forEach(folder ->
                        script.append("made ").append(ShellText.quote(folder)).append(" 0755\n"));
        return script.toString();
    }

    private static String self(String path, PersistentTarget kept, int mode) {
        String quoted = ShellText.quote(path);
        String octal = String.format(Locale.ROOT, "%04o", mode);
        if (!kept.file()) {
            return "made " + quoted + " " + octal + "\n";
        }
        return "[ ! -d " + quoted + " ] || fail " + quoted + "' is a directory, and a file is to be persistent'\n"
                + "[ -e " + quoted + " ] || { : >" + quoted + " && chmod " + octal + " " + quoted
                + " && chown \"$own\" "
                + quoted + "; } || fail 'cannot make '" + quoted + "\n";
    }

    /** On the host nobody knew who this user is. Where his group or others may write, as he may be one of them, nothing is said. */
    private static String ownedOnShare(PersistentTarget kept) {
        StringBuilder script = new StringBuilder();
        String user = kept.persistence().user().orElseThrow();
        for (String path : List.of(kept.keptHome().orElseThrow(), kept.source())) {
            String quoted = ShellText.quote(path);
            script.append("set -- $(ls -ldn ")
                    .append(quoted)
                    .append(")\ncase $1:$3 in ?????w*|????????w*|*:\"${own%%:*}\") ;; *) fail ")
                    .append(quoted)
                    .append("\" belongs to the user $3, and \"")
                    .append(ShellText.quote(user))
                    .append("\" is ${own%%:*} by the guest's /etc/passwd, and could not write there:")
                    .append(" say mappingUser(${own%%:*}) on that share\" ;; esac\n");
        }
        return script.toString();
    }

    private static String source(PersistentTarget kept) {
        String source = ShellText.quote(kept.source());
        String right = kept.file() ? "-f" : "-d";
        String is = kept.file()
                ? " is a directory, and a file is to be persistent"
                : " is a file, and a directory is to be persistent";
        return "[ -e " + source + " ] || fail " + source + "' is not there'\n" + "[ " + right + " " + source
                + " ] || fail " + source + ShellText.quote(is) + "\n";
    }
}
