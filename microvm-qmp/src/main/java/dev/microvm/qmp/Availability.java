/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tells of what a QEMU does not know in which releases it is. Looked up only when something fails, so nothing is kept. */
final class Availability {
    /** QEMU names what it refuses in quotation marks; a member of a member with the path to it. */
    private static final Pattern QUOTED = Pattern.compile("'(?:[^']*\\.)?([^'.]+)'");

    private final QmpVersion version;

    Availability(QmpVersion version) {
        this.version = version;
    }

    QmpUnsupportedException command(String command, String desc) {
        return new QmpUnsupportedException(
                command, "the command '" + command + "'", desc, otherReleases(releases(command, "")), version);
    }

    /**
     * Something in the arguments of a command.
     *
     * @param fact a member's name, or that and a value: {@code target=cryptodev}; empty if nothing is unknown in them
     */
    QmpUnsupportedException argument(String command, String fact, String desc) {
        if (fact.isEmpty()) {
            return new QmpUnsupportedException(
                    command, "the command '" + command + "' as it is given", desc, List.of(), version);
        }
        int equals = fact.indexOf('=');
        String what = equals < 0
                ? "the member '" + fact + "'"
                : "the value '" + fact.substring(equals + 1) + "' of the member '" + fact.substring(0, equals) + "'";
        return new QmpUnsupportedException(
                command,
                what + " of the command '" + command + "'",
                desc,
                otherReleases(releases(command, fact)),
                version);
    }

    /**
     * Finds out whether QEMU refused a command for something that its release is known not to have: the command holds it, QEMU's words
     * name it, and this is a release of which all is known. Nothing else is read out of the words, which differ between releases.
     */
    Optional<QmpUnsupportedException> refused(String command, JsonValue arguments, String desc) {
        if (!all().contains(release())) {
            return Optional.empty();
        }
        Matcher quoted = QUOTED.matcher(desc);
        while (quoted.find()) {
            String name = quoted.group(1);
            Optional<String> fact = facts(command)
                    .filter(each -> each.equals(name) || each.endsWith("=" + name))
                    .filter(each -> !otherReleases(releases(command, each)).isEmpty() && holds(arguments, each))
                    .findFirst();
            if (fact.isPresent()) {
                return Optional.of(argument(command, fact.get(), desc));
            }
        }
        return Optional.empty();
    }

    private static boolean holds(JsonValue value, String fact) {
        if (value instanceof JsonValue.Arr array) {
            return array.items().stream().anyMatch(item -> holds(item, fact));
        }
        return value instanceof JsonValue.Obj object
                && object.members().entrySet().stream()
                        .anyMatch(member -> fact.equals(member.getKey())
                                || (member.getValue() instanceof JsonValue.Str text
                                        && fact.equals(member.getKey() + "=" + text.value()))
                                || holds(member.getValue(), fact));
    }

    /** A release that has it and lacks it all the same was built or patched so: then no release helps. */
    private List<String> otherReleases(List<String> releases) {
        return releases.contains(release()) ? List.of() : releases;
    }

    private String release() {
        return version.major() + "." + version.minor();
    }

    private static List<String> all() {
        return list(ReleaseFacts.text().lines().findFirst().orElse(""));
    }

    private static Optional<String> line(String command) {
        return ReleaseFacts.text()
                .lines()
                .filter(line -> line.startsWith(command + " "))
                .findFirst();
    }

    private static Stream<String> facts(String command) {
        return line(command).stream()
                .flatMap(line -> Arrays.stream(line.split(" ", -1)).skip(2))
                .map(word -> word.substring(0, word.lastIndexOf(':')));
    }

    /** The releases of a command, or of something in it; empty if it is in all of them, or in none. */
    private static List<String> releases(String command, String fact) {
        return line(command).stream()
                .flatMap(line -> Arrays.stream(line.split(" ", -1))
                        .skip(1)
                        .filter(word -> fact.isEmpty() || word.startsWith(fact + ":"))
                        .limit(1))
                .map(word -> word.substring(word.lastIndexOf(':') + 1))
                .filter(word -> !word.equals("*"))
                .flatMap(word -> list(word).stream())
                .toList();
    }

    private static List<String> list(String word) {
        return List.of(word.split(",", -1));
    }
}
