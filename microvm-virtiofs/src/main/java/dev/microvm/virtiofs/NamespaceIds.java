/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import dev.microvm.error.Problem;
import dev.microvm.internal.process.HostProcess;
import dev.microvm.internal.process.ProcessExit;
import dev.microvm.internal.process.ProgramSearch;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.virtiofs.SubordinateIds.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The ids of a virtiofsd's user namespace: which they are, and what the host must have for them. */
final class NamespaceIds {
    private static final Duration GETCAP_LIMIT = Duration.ofSeconds(5);

    /** The set-user-ID bit of st_mode (inode(7)). */
    private static final int SET_UID = 04000;

    /** What newuidmap(1) and the two files are about. */
    private enum Side {
        UID("newuidmap", "subuid", "cap_setuid"),
        GID("newgidmap", "subgid", "cap_setgid");

        final String program;
        final String file;
        final String capability;

        Side(String program, String file, String capability) {
            this.program = program;
            this.file = file;
            this.capability = capability;
        }
    }

    private final IdMap map;
    private final Caller caller;
    private final Map<String, String> environment;
    private final Path etc;
    private final boolean writesOwnId;
    private final List<Problem> problems = new ArrayList<>();
    private final String subject;
    private List<IdRange> uids = List.of();
    private List<IdRange> gids = List.of();

    private NamespaceIds(
            String subject, IdMap map, Caller caller, Map<String, String> environment, Path etc, boolean writesOwnId) {
        this.subject = subject;
        this.map = map;
        this.caller = caller;
        this.environment = environment;
        this.etc = etc;
        this.writesOwnId = writesOwnId;
    }

    static boolean wanted(IdMap map) {
        return map.kind() == IdMap.Kind.NAMESPACE || map.kind() == IdMap.Kind.SUBORDINATE;
    }

    /**
     * Finds out about a map that {@link #wanted} a namespace; nothing about others, and nothing for root, who may not have one.
     *
     * @param environment where the helpers are searched
     * @param etc the folder with {@code subuid} and {@code subgid}
     * @param writesOwnId whether the daemon writes a map of one own id without a helper
     */
    static NamespaceIds of(
            String subject,
            IdMap map,
            Caller caller,
            CallerRights rights,
            Map<String, String> environment,
            Path etc,
            boolean writesOwnId)
            throws InterruptedException {
        NamespaceIds ids = new NamespaceIds(subject, map, caller, environment, etc, writesOwnId);
        if (wanted(map) && !caller.isRoot()) {
            ids.uids = ids.ranges(Side.UID, map.uidRanges(), map.guestUid(), caller.uid());
            ids.gids = ids.ranges(Side.GID, map.gidRanges(), map.guestGid(), caller.gid());
            boolean helped = ids.program(Side.UID, ids.uids, caller.uid());
            helped |= ids.program(Side.GID, ids.gids, caller.gid());
            if (helped && rights.noNewPrivileges()) {
                ids.problems.add(new Problem(
                        subject,
                        "newuidmap has no effect here: this JVM runs with no_new_privs",
                        "start the JVM without it (systemd: NoNewPrivileges=no), or use IdMap.CALLER"));
            }
        }
        return ids;
    }

    private List<IdRange> ranges(Side side, List<IdRange> given, int guest, int own) {
        List<Span> spans = new ArrayList<>();
        if (map.kind() == IdMap.Kind.SUBORDINATE || given.stream().anyMatch(range -> !isOwn(range, own))) {
            spans.addAll(spans(side));
        }
        if (map.kind() == IdMap.Kind.SUBORDINATE) {
            if (spans.isEmpty()) {
                none(side);
            }
            return SubordinateIds.map(guest, SubordinateIds.apart(spans, own));
        }
        for (IdRange range : given) {
            if (!isOwn(range, own)
                    && spans.stream().noneMatch(span -> span.holds(range.hostFrom(own), range.count()))) {
                problems.add(new Problem(
                        subject,
                        "the host's ids of " + range + " are not this user's own, nor given to " + caller.name()
                                + " in "
                                + etc.resolve(side.file) + " (there: "
                                + (spans.isEmpty()
                                        ? "none"
                                        : spans.stream()
                                                .map(span -> span.start() + ":" + span.count())
                                                .collect(Collectors.joining(", ")))
                                + ")",
                        "use ids from there, or IdMap.subordinateAs, which does"));
            }
        }
        return given;
    }

    private static boolean isOwn(IdRange range, int own) {
        return range.count() == 1 && range.hostFrom(own) == own;
    }

    private List<Span> spans(Side side) {
        try {
            return SubordinateIds.of(Files.readAllLines(etc.resolve(side.file)), caller.name(), caller.uid());
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException | UncheckedIOException e) {
            problems.add(new Problem(subject, "cannot read " + etc.resolve(side.file) + ": " + e, "make it readable"));
            return List.of();
        }
    }

    private void none(Side side) {
        problems.add(new Problem(
                subject,
                etc.resolve(side.file) + " gives user " + caller.name() + " (" + caller.uid() + ") no subordinate ids",
                "let root run: usermod --add-" + side.file + "s 100000-165535 " + caller.name()
                        + " (a range that nobody has), or use IdMap.CALLER"));
    }

    /** Since 1.11 virtiofsd writes a map of nothing but one own id itself, and asks for help with any other. */
    private boolean program(Side side, List<IdRange> ranges, int own) throws InterruptedException {
        if (ranges.isEmpty() || (writesOwnId && ranges.size() == 1 && isOwn(ranges.get(0), own))) {
            return false;
        }
        Optional<Path> found = ProgramSearch.find(side.program, environment);
        if (found.isEmpty()) {
            problems.add(new Problem(
                    subject,
                    "there is no " + side.program + " in PATH, which virtiofsd maps ids by",
                    "install it (Debian, Ubuntu: uidmap; Fedora: shadow-utils), or use IdMap.CALLER"));
        } else if (isPowerless(found.get(), side)) {
            problems.add(new Problem(
                    subject,
                    found.get() + " is neither setuid root nor has it " + side.capability,
                    "let root run: chmod u+s " + found.get()));
        }
        return true;
    }

    /** Only what is certain: capabilities of files are an attribute that Java does not read, and getcap may not be there. */
    private boolean isPowerless(Path program, Side side) throws InterruptedException {
        try {
            Map<String, Object> attributes = Files.readAttributes(program, "unix:mode,uid");
            if ((Integer.parseInt(String.valueOf(attributes.get("mode"))) & SET_UID) != 0) {
                return !"0".equals(String.valueOf(attributes.get("uid")));
            }
            Optional<Path> getcap = ProgramSearch.find("getcap", environment)
                    .or(() -> Optional.of(Path.of("/usr/sbin/getcap")).filter(ProgramSearch::isProgram));
            if (getcap.isEmpty()) {
                return false;
            }
            ProcessExit exit = HostProcess.run(
                    List.of(getcap.get().toString(), program.toRealPath().toString()), Map.of(), GETCAP_LIMIT);
            return exit.succeeded() && !exit.text().contains(side.capability);
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    List<IdRange> uids() {
        return uids;
    }

    List<IdRange> gids() {
        return gids;
    }

    /** {@return virtiofsd's arguments} */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        uids.forEach(range -> arguments.add("--uid-map=" + text(range, caller.uid())));
        gids.forEach(range -> arguments.add("--gid-map=" + text(range, caller.gid())));
        return arguments;
    }

    private static String text(IdRange range, int own) {
        return ":" + range.guest() + ":" + range.hostFrom(own) + ":" + range.count() + ":";
    }
}
