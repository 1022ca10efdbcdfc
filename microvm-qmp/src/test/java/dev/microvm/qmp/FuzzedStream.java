/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a damaged server says, made from a seed: up to the greeting, then up to the reply to the negotiation, then the replies to the
 * commands, which must have been sent by then.
 */
final class FuzzedStream {
    private static final String ID = "\"id\":";
    private static final List<String> ODD = List.of(
            "{}",
            "[]",
            "1 ",
            "\"text\"",
            "null ",
            "{\"return\":1}",
            "{\"error\":5,\"id\":0}",
            "{\"error\":{},\"id\":0}",
            "{\"error\":{\"class\":1,\"desc\":[]}}",
            "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no id\"}}",
            "{\"event\":7}",
            "{\"event\":\"E\",\"data\":[]}",
            "{\"event\":\"E\",\"timestamp\":{}}",
            "{\"event\":\"E\",\"timestamp\":{\"seconds\":9223372036854775807,\"microseconds\":9223372036854775807}}",
            "{\"event\":\"E\",\"timestamp\":{\"seconds\":1e3,\"microseconds\":-1}}",
            "{\"event\":\"E\",\"return\":{},\"id\":0}",
            "{\"return\":{},\"error\":{},\"id\":1}",
            "{\"QMP\":{}}",
            "{\"return\":{},\"id\":" + "9".repeat(400) + "}",
            "{\"return\":" + "7".repeat(1500) + "}",
            "{\"return\":1e999999999,\"id\":0}",
            "{\"return\":{\"a\":1,\"a\":2},\"id\":0}",
            "{\"return\":\"\\ud800\",\"id\":0}",
            "{\"\":{\"\":\"\"},\"id\":{\"id\":0},\"return\":0}",
            "[".repeat(1100),
            "{\"return\":" + "[".repeat(1000) + "]".repeat(1000) + ",\"id\":0}",
            "{\"return\":" + "{\"a\":".repeat(1022) + "0" + "}".repeat(1022) + ",\"id\":1}");
    private static final List<String> ODD_IDS = List.of(
            "0",
            "1",
            "2",
            "3",
            "-1",
            "77",
            "2147483648",
            "18446744073709551616",
            "1.0",
            "1e0",
            "null",
            "\"0\"",
            "{}",
            "[0]",
            "-9223372036854775809");

    final List<String> commands = new ArrayList<>();
    /** Three parts: what is said before, during and after the negotiation. */
    private final List<byte[]> phases = new ArrayList<>();

    /** Whether the server leaves in the end, and does not only fall silent. */
    final boolean ends;

    final Random random;
    private final List<String> damage = new ArrayList<>();

    FuzzedStream(long seed) {
        random = new Random(seed);
        ends = random.nextInt(300) != 0;
        int count = 1 + random.nextInt(5);
        List<String> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            commands.add(random.nextInt(12) == 0 ? "quit" : "query-x" + i);
            replies.add(reply(i));
        }
        if (random.nextInt(6) == 0) {
            Collections.shuffle(replies, random);
        }
        List<List<String>> messages = List.of(
                withEvents(List.of(
                        "{\"QMP\":{\"version\":{\"qemu\":{\"micro\":2,\"minor\":1,\"major\":9},\"package\":\"p\"},"
                                + "\"capabilities\":[\"oob\"]}}")),
                withEvents(List.of("{\"return\":{},\"id\":0}")),
                withEvents(replies));
        // Most damage goes where most of a session is: to the replies.
        int wounds = random.nextInt(4);
        for (int i = 0; i < wounds; i++) {
            damageMessages(messages.get(random.nextInt(5) < 3 ? 2 : random.nextInt(3)));
        }
        String lineEnd = random.nextInt(8) == 0 ? "" : "\r\n";
        for (List<String> phase : messages) {
            phases.add(phase.stream()
                    .map(m -> m + lineEnd)
                    .collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8));
        }
        wounds = random.nextInt(3);
        for (int i = 0; i < wounds; i++) {
            damageBytes();
        }
    }

    private String reply(int id) {
        return switch (random.nextInt(8)) {
            case 0 -> "{\"id\":" + id + ",\"error\":{\"class\":\"GenericError\",\"desc\":\"no " + id + "\"}}";
            case 1 -> "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no id\"}}";
            case 2 -> "{\"id\":" + id + ",\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"none\"}}";
            default -> "{\"return\":" + value(0) + ",\"id\":" + id + "}";
        };
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 3 ? 5 : 8)) {
            case 0 -> "true";
            case 1 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 2 ->
                "\"\\u00e4\\n" + "x".repeat(random.nextInt(300) == 0 ? 60_000 : random.nextInt(20))
                        + "\u00fc\ud83d\ude00\"";
            case 3 -> Double.toString(random.nextGaussian());
            case 4 -> "null";
            case 5 ->
                Stream.generate(() -> value(depth + 1))
                        .limit(random.nextInt(4))
                        .collect(Collectors.joining(", ", "[", "]"));
            default ->
                Stream.generate(() -> "\"m" + random.nextInt(100) + "\": " + value(depth + 1))
                        .limit(random.nextInt(4))
                        .collect(Collectors.joining(",\r\n  ", "{", "}"));
        };
    }

    private List<String> withEvents(List<String> messages) {
        List<String> all = new ArrayList<>();
        for (String message : messages) {
            if (random.nextInt(5) == 0) {
                all.add(event());
            }
            all.add(message);
        }
        return all;
    }

    private String event() {
        return "{\"timestamp\":{\"seconds\":1700000000,\"microseconds\":5},\"event\":\"E" + random.nextInt(3)
                + "\",\"data\":{\"v\":" + value(2) + "}}";
    }

    private void damageMessages(List<String> messages) {
        int at = messages.isEmpty() ? 0 : random.nextInt(messages.size());
        int kind = random.nextInt(7);
        damage.add("message " + at + " of " + messages.size() + " kind " + kind);
        if (messages.isEmpty() || kind == 0) {
            messages.add(
                    at,
                    random.nextInt(300) == 0
                            ? "{\"return\":\"" + "x".repeat(300_000) + "\",\"id\":0}"
                            : ODD.get(random.nextInt(ODD.size())));
        } else if (kind == 1) {
            Collections.swap(messages, at, random.nextInt(messages.size()));
        } else if (kind == 2) {
            messages.add(random.nextInt(messages.size() + 1), messages.get(at));
        } else if (kind == 3) {
            messages.remove(at);
        } else if (kind == 4) {
            messages.add(at, event());
        } else {
            int id = messages.get(at).lastIndexOf(ID);
            if (id >= 0) {
                int end = id + ID.length();
                while (end < messages.get(at).length()
                        && Character.isDigit(messages.get(at).charAt(end))) {
                    end++;
                }
                String other = ODD_IDS.get(random.nextInt(ODD_IDS.size()));
                messages.set(
                        at,
                        messages.get(at).substring(0, id)
                                + ID
                                + other
                                + messages.get(at).substring(end));
            }
        }
    }

    private void damageBytes() {
        int phase = random.nextInt(5) < 3 ? 2 : random.nextInt(3);
        byte[] bytes = phases.get(phase);
        int from = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, from + 1 + random.nextInt(random.nextBoolean() ? 3 : 200));
        int kind = random.nextInt(6);
        damage.add("bytes " + from + " to " + to + " of phase " + phase + " kind " + kind);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        switch (kind) {
            case 0 -> {
                // Dropped at this byte: nothing follows, in no phase.
                phases.set(phase, out.toByteArray());
                for (int later = phase + 1; later < phases.size(); later++) {
                    phases.set(later, new byte[0]);
                }
                return;
            }
            case 1 -> {
                // Left out.
            }
            case 2 -> {
                out.write(bytes, from, to - from);
                out.write(bytes, from, to - from);
            }
            case 3 -> {
                for (int i = from; i < to; i++) {
                    out.write(bytes[i] ^ (1 << random.nextInt(8)));
                }
            }
            case 4 -> {
                for (int i = from; i < to; i++) {
                    out.write(random.nextInt(256));
                }
            }
            default -> {
                for (int b : List.of(
                                List.of(0xFF),
                                List.of(0xC3),
                                List.of(0xF0, 0x9F),
                                List.of(0),
                                List.of(0xED, 0xA0, 0x80))
                        .get(random.nextInt(5))) {
                    out.write(b);
                }
                out.write(bytes, from, to - from);
            }
        }
        out.write(bytes, to, bytes.length - to);
        phases.set(phase, out.toByteArray());
    }

    /** All that the server says. */
    byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        phases.forEach(all::writeBytes);
        return all.toByteArray();
    }

    /** Some bytes in the pieces in which they are read. */
    List<byte[]> pieces(byte[] bytes) {
        int most = 1 + random.nextInt(random.nextInt(4) == 0 ? 7 : 20_000);
        most = Math.max(most, bytes.length / 300);
        List<byte[]> pieces = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += most) {
            pieces.add(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + most)));
        }
        return pieces;
    }

    @Override
    public String toString() {
        return "commands " + commands + ", damage " + damage + ", stream "
                + phases.stream()
                        .map(phase -> JsonFormat.abbreviate(new String(phase, StandardCharsets.ISO_8859_1)))
                        .toList();
    }
}
