/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of user or group ids in the user namespace of a virtiofsd, which are the guest's, and the host's ids they stand for
 * ({@code --uid-map}, {@code --gid-map}, user_namespaces(7)). Written as virtiofsd does, {@code :0:100000:65536:}, with {@code caller} for
 * the caller's own id: {@code :1000:caller:1:}.
 *
 * @param guest the first id in the guest
 * @param host the first id on the host; absent: the caller's own, and then the count is 1
 * @param count how many
 */
public record IdRange(long guest, Optional<Long> host, long count) {
    // What shell scripts and systemd units write for the caller's own ids is understood too.
    private static final Pattern TEXT = Pattern.compile(":(\\d{1,10}):(\\d{1,10}|caller|%U|%G):(\\d{1,10}):");

    /**
     * Checks the numbers.
     *
     * @param guest 0 to 4294967294
     * @param host 0 to 4294967294, or absent
     * @param count 1 to 4294967295, and 1 for the caller's own id; the ranges must end at 4294967294
     * @throws IllegalArgumentException if a number is out of its range
     */
    public IdRange {
        Objects.requireNonNull(host, "host");
        Attribute.range("IdRange.guest", guest, 0, IdTranslation.IDS - 1);
        host.ifPresent(first -> Attribute.range("IdRange.host", first, 0, IdTranslation.IDS - 1));
        long most =
                host.map(first -> IdTranslation.IDS - Math.max(first, guest)).orElse(1L);
        Attribute.range("IdRange.count", count, 1, most);
    }

    /**
     * {@return the range of one id: the caller's own, as the guest sees it}
     *
     * @param guest 0 to 4294967294
     */
    public static IdRange ofCaller(long guest) {
        return new IdRange(guest, Optional.empty(), 1);
    }

    /**
     * {@return a range of ids that are not the caller's own}
     *
     * @param guest the first id in the guest
     * @param host the first id on the host, one that {@code /etc/subuid} or {@code /etc/subgid} gives the caller
     * @param count how many
     */
    public static IdRange of(long guest, long host, long count) {
        return new IdRange(guest, Optional.of(host), count);
    }

    /**
     * {@return the range in virtiofsd's words}
     *
     * @param text {@code :GUEST:HOST:COUNT:}; HOST may be {@code caller}, {@code %U} or {@code %G}
     * @throws IllegalArgumentException if it is not such a range
     */
    public static IdRange parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw Attribute.bad(
                    "IdRange", text, "must be :GUEST:HOST:COUNT:, such as :0:100000:65536: or :1000:caller:1:");
        }
        String host = matcher.group(2);
        return new IdRange(
                Long.parseLong(matcher.group(1)),
                Character.isDigit(host.charAt(0)) ? Optional.of(Long.valueOf(host)) : Optional.empty(),
                Long.parseLong(matcher.group(3)));
    }

    /**
     * {@return the host's first id}
     *
     * @param caller what stands for the caller's own
     */
    public long hostFrom(long caller) {
        return host.orElse(caller);
    }

    /** {@return whether the kernel would refuse the two in one map} */
    boolean contradicts(IdRange other) {
        return IdTranslation.meet(guest, other.guest, count, other.count)
                || (host.isEmpty() && other.host.isEmpty())
                || (host.isPresent()
                        && other.host.isPresent()
                        && IdTranslation.meet(host.get(), other.host.get(), count, other.count));
    }

    /** {@return the range as virtiofsd reads it, the caller's own id as {@code caller}} */
    @Override
    public String toString() {
        return ":" + guest + ":" + host.map(String::valueOf).orElse("caller") + ":" + count + ":";
    }
}
