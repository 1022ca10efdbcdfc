/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Local facts about single attributes; each failure names the attribute, the value and what to write instead. */
final class Attribute {
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");
    private static final Pattern IPV4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private Attribute() {}

    static IllegalArgumentException bad(String attribute, Object value, String rule) {
        return new IllegalArgumentException(attribute + " = " + value + ": " + rule);
    }

    static void name(String attribute, String value) {
        if (!NAME.matcher(value).matches()) {
            throw bad(attribute, value, "1 to 63 letters, digits, '.', '_', '-', starting with a letter or digit");
        }
    }

    static void word(String attribute, String text) {
        if (text.isBlank()) {
            throw bad(attribute, "\"" + text + "\"", "must not be empty; leave it out instead");
        }
        noControlCharacters(attribute, text);
    }

    /** Refuses what only a shell understands: Java and QEMU open paths literally. */
    static void hostPath(String attribute, Path path) {
        String text = path.toString();
        if (text.isEmpty()) {
            throw bad(attribute, "\"\"", "must not be empty");
        }
        if (text.equals("~") || text.startsWith("~/") || text.contains("/~/")) {
            throw bad(
                    attribute,
                    text,
                    "'~' is expanded by shells only; write Path.of(System.getProperty(\"user.home\"), \""
                            + text.substring(text.indexOf('~') + 1).replaceFirst("^/", "") + "\")");
        }
        noControlCharacters(attribute, text);
    }

    static void guestPath(String attribute, String path) {
        if (path.startsWith("~")) {
            throw bad(attribute, path, "'~' is expanded by shells only; write the absolute path, such as /home/user");
        }
        if (!path.startsWith("/")) {
            throw bad(attribute, path, "must be absolute (the guest has no working directory yet)");
        }
        if (path.length() > 1 && path.endsWith("/")) {
            throw bad(attribute, path, "must not end in '/'");
        }
        for (String part : path.substring(1).split("/", -1)) {
            if (part.equals("..") || part.equals(".") || (part.isEmpty() && path.length() > 1)) {
                throw bad(attribute, path, "must be normalized: no '.', '..' or empty parts");
            }
        }
        noControlCharacters(attribute, path);
    }

    static void tag(String attribute, String tag, int maxBytes, String why) {
        int bytes = tag.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > maxBytes) {
            throw bad(attribute, tag, "has " + bytes + " bytes; 1 to " + maxBytes + " are allowed (" + why + ")");
        }
        if (tag.indexOf(' ') >= 0 || tag.indexOf('\t') >= 0) {
            throw bad(attribute, tag, "must not contain blanks: mount(8) and fstab split on them");
        }
        noControlCharacters(attribute, tag);
    }

    static void range(String attribute, long value, long min, long max) {
        if (value < min || value > max) {
            throw bad(attribute, value, "must be " + min + " to " + max);
        }
    }

    static void mac(String attribute, String mac) {
        if (!MAC.matcher(mac).matches()) {
            throw bad(attribute, mac, "must be six hexadecimal pairs separated by ':', such as 02:00:00:00:00:01");
        }
        if ((Integer.parseInt(mac.substring(0, 2), 16) & 1) != 0) {
            throw bad(attribute, mac, "is a multicast address: the first pair must be even");
        }
    }

    static void ipv4(String attribute, String address) {
        if (!IPV4.matcher(address).matches()) {
            throw bad(attribute, address, "must be an IPv4 address in digits, such as 127.0.0.1");
        }
    }

    static void noControlCharacters(String attribute, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
                throw bad(attribute, text.replace('\n', '?'), "must not contain control characters");
            }
        }
    }
}
