/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.host;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Oldest first: numbers compare as numbers ({@code 6.1.0-9} before {@code 6.1.0-56}), and a release candidate comes before its release. */
final class KernelReleaseOrder implements Comparator<String> {
    private static final Pattern PART = Pattern.compile("\\d+|\\D+");

    @Override
    public int compare(String one, String other) {
        List<String> left = parts(one);
        List<String> right = parts(other);
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            int order = comparePart(i < left.size() ? left.get(i) : "", i < right.size() ? right.get(i) : "");
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static List<String> parts(String release) {
        return PART.matcher(release).results().map(MatchResult::group).toList();
    }

    private static int comparePart(String one, String other) {
        if (isNumber(one) && isNumber(other)) {
            return new BigInteger(one).compareTo(new BigInteger(other));
        }
        boolean candidate = one.startsWith("-rc");
        return candidate != other.startsWith("-rc") ? (candidate ? -1 : 1) : one.compareTo(other);
    }

    private static boolean isNumber(String part) {
        return !part.isEmpty() && Character.isDigit(part.charAt(0));
    }
}
