/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The guest's root tries to reach what lies beside a shared folder on the host: by links that were there before and links it makes, by
 * {@code ..}, and by swapping a folder for a link while it is being used. What it is after lies in a temporary folder, which the guest's
 * own root, whose {@code /tmp} is its own, does not show. Two shares of each folder give it two views that do not know of each other.
 */
class ShareEscapeIT {
    /** How often a folder is swapped in the race. */
    private static final int ROUNDS = Boolean.getBoolean("microvm.full") ? 60 : 15;

    private static final String SECRET = "this is outside";

    /** For each share: {@code $A} and {@code $B} are its two views, {@code $OUT} is the host's folder beside it. */
    private static final String SCRIPT = """
            reach() { # tells what it could read, which must never be the secret
                if text=$(cat "$1" 2>/dev/null); then echo "READ $1: $text"; else echo "NOT READ $1"; fi
            }
            mkdir -p /tmp/empty
            for kind in KINDS; do
                A=/mnt/$kind B=/mnt/${kind}2
                [ "$(cat $A/dir/file)" = harmless ] || { echo "no view of $A"; exit 3; }
                echo "VIEW $kind"

                # Links that lay there before.
                for link in absolute relative chain proc-root proc-cwd; do reach $A/$link; done
                for link in folder up proc-fd; do reach $A/$link/secret; reach $A/$link/outside/secret; done
                reach $A/../outside/secret; reach $A/dir/../../outside/secret
                reach "$(readlink $A/absolute)"
                # A hard link is the file itself: that one file, and nothing beside it.
                reach $A/hard

                # What is done to a link stays at the link.
                touch -h -d @1000000000 $A/absolute; chown -h 12:12 $A/absolute; ln $A/absolute $A/second-link
                mv $A/relative $A/renamed-link; rm $A/chain
                chmod 0777 $A/folder; chmod 0777 $A/absolute; truncate -s 0 $A/absolute; echo planted >$A/folder/planted
                mkdir $A/folder/made; rm -f $A/folder/secret; rm -f $A/up/outside/secret

                # A folder that is being used is swapped for a link to the outside, in the view that does not know.
                exec 4<$A/dir
                (
                    cd $A/dir || exit 1
                    mv $B/dir $B/moved && ln -s "$OUT" $B/dir || exit 1
                    echo "SWAPPED $kind"
                    reach secret; reach $A/dir/secret; reach /proc/self/fd/4/secret; reach /proc/self/cwd/secret
                    reach ./../outside/secret; cat <secret
                    echo planted >planted; echo planted >$A/dir/planted; mkdir made; ln -s x link
                    echo planted >/proc/self/fd/4/planted2; rm -f secret; mv secret taken; chmod 0777 secret; touch secret
                    ls . 2>/dev/null | grep -w linked && echo "LISTED $kind"
                )
                exec 4<&-
                rm -f $B/dir/planted; rm $B/dir && mv $B/moved $B/dir || exit 4

                # The same as a race.
                rm -f /tmp/over
                (
                    swaps=0
                    while [ $swaps -lt ROUNDS ]; do
                        mv $B/dir $B/moved && ln -s "$OUT" $B/dir && rm $B/dir && mv $B/moved $B/dir ||
                            { echo "BROKEN $kind"; break; }
                        swaps=$((swaps + 1))
                    done
                    echo $swaps >/tmp/over.new && mv /tmp/over.new /tmp/over
                ) &
                tries=0 misses=0
                until [ -e /tmp/over ]; do
                    tries=$((tries + 1))
                    if read -r text <$A/dir/file; then
                        [ "$text" = harmless ] || echo "READ in the race: $text"
                    else
                        misses=$((misses + 1))
                    fi 2>/dev/null
                    { read -r text <$A/dir/secret; } 2>/dev/null && echo "READ in the race: $text"
                    { echo planted >$A/dir/planted; } 2>/dev/null
                    set -- $A/dir/* && case "$*" in *linked*) echo "LISTED in the race: $*" ;; esac
                done
                wait
                echo "RACE $kind: $tries tries, $(cat /tmp/over) swaps, $misses tries without the folder"
            done
            # What else is exported can be mounted by nobody but read-only.
            mkdir -p /tmp/root && mount -t 9p -o rw,trans=virtio,version=9p2000.L microvm-root /tmp/root &&
                touch /tmp/root/etc/microvm-planted && echo "PLANTED in the root"
            exit 0
            """;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsVms() {
        Requirements.canBootHostRoot();
    }

    @ParameterizedTest
    @EnumSource(ShareCaller.class)
    void guestReachesNothingOfTheHostOutsideTheShare(ShareCaller caller) throws Exception {
        caller.assumePossible();
        Requirements.need(folder.startsWith("/tmp"), "temporary folders are in /tmp, which the guest has of its own");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path outside = outside(caller.qemuUid());
        Map<String, Path> inside = new LinkedHashMap<>();
        List<String> shares = new ArrayList<>();
        for (Map.Entry<String, String> kind : kinds(caller).entrySet()) {
            String tag = kind.getKey();
            Path there = inside(tag, outside, caller.qemuUid());
            inside.put(tag, there);
            shares.add(kind.getValue() + "," + tag + "," + there + ",/mnt/" + tag + ",rw,0");
            shares.add(kind.getValue() + "," + tag + "2," + there + ",/mnt/" + tag + "2,rw,0");
        }
        List<String> before = listing(outside);
        for (Path there : inside.values()) {
            for (String link : List.of("absolute", "relative", "proc-root")) {
                assertThat(there.resolve(link)).as("on the host it leads there").hasContent(SECRET);
            }
        }

        String output = caller.run(
                folder.resolve("run"),
                Map.of(),
                SCRIPT.replace("$OUT", outside.toString())
                        .replace("ROUNDS", Integer.toString(ROUNDS))
                        .replace("KINDS", String.join(" ", inside.keySet())),
                shares.toArray(String[]::new));

        assertThat(output).doesNotContain(SECRET, "in the race: ", "LISTED", "PLANTED", "BROKEN");
        for (String tag : inside.keySet()) {
            assertThat(output)
                    .contains("VIEW " + tag + "\n", "SWAPPED " + tag + "\n", "READ /mnt/" + tag + "/hard: linked")
                    .containsPattern("RACE " + tag + ": [1-9]\\d* tries, " + ROUNDS + " swaps");
        }
        assertThat(listing(outside)).isEqualTo(before);
    }

    /** By tag: virtiofs in each sandbox that the caller can have, and 9p. */
    private static Map<String, String> kinds(ShareCaller caller) {
        Map<String, String> kinds = new LinkedHashMap<>(Map.of("v", "virtiofs/NAMESPACE"));
        kinds.put("n", "virtiofs/NONE");
        if (Requirements.isRoot() && caller == ShareCaller.SELF) {
            kinds.put("c", "virtiofs/CHROOT");
        }
        kinds.put("p", "9p");
        return kinds;
    }

    /** What the guest is after, open to whoever serves the shares. */
    private Path outside(int owner) throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("secret"), SECRET);
        Files.writeString(outside.resolve("linked"), "linked");
        openTo(owner, outside);
        return outside;
    }

    private Path inside(String name, Path outside, int owner) throws IOException {
        Path inside = Files.createDirectory(folder.resolve(name));
        Files.createDirectory(inside.resolve("dir"));
        Files.writeString(inside.resolve("dir/file"), "harmless\n");
        Files.createSymbolicLink(inside.resolve("absolute"), outside.resolve("secret"));
        Files.createSymbolicLink(inside.resolve("relative"), Path.of("../outside/secret"));
        Files.createSymbolicLink(inside.resolve("chain"), Path.of("relative"));
        Files.createSymbolicLink(inside.resolve("folder"), outside);
        Files.createSymbolicLink(inside.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(inside.resolve("proc-root"), Path.of("/proc/self/root" + outside.resolve("secret")));
        Files.createSymbolicLink(inside.resolve("proc-cwd"), Path.of("/proc/self/cwd/../outside/secret"));
        Files.createSymbolicLink(inside.resolve("proc-fd"), Path.of("/proc/self/fd/3"));
        openTo(owner, inside);
        Files.createLink(inside.resolve("hard"), outside.resolve("linked"));
        return inside;
    }

    private static void openTo(int owner, Path top) throws IOException {
        try (Stream<Path> all = Files.walk(top)) {
            for (Path file : all.toList()) {
                if (!Files.isSymbolicLink(file)) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
                }
                if (Requirements.isRoot()) {
                    Files.setAttribute(file, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }

    private static List<String> listing(Path top) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> all = Files.walk(top)) {
            for (Path file : all.sorted().toList()) {
                Map<String, Object> facts = Files.readAttributes(
                        file, "unix:mode,uid,gid,size,nlink,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
                lines.add(
                        file + " " + new TreeMap<>(facts) + (Files.isRegularFile(file) ? Files.readString(file) : ""));
            }
        }
        return lines;
    }
}
