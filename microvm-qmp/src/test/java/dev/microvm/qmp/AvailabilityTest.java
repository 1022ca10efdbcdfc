/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which release is told for what is not supported, and when nothing is told. */
class AvailabilityTest {
    private static Availability in(int major, int minor) {
        return new Availability(new QmpVersion(major, minor, 1, ""));
    }

    private static Optional<QmpUnsupportedException> refused(
            Availability availability, String command, String arguments, String desc) {
        return availability.refused(command, JsonValue.parse("{\"arguments\":" + arguments + "}"), desc);
    }

    @Test
    void namesTheReleasesThatHaveACommand() {
        assertThat(in(7, 2).command("query-audiodevs", "not found"))
                .hasMessage("the command 'query-audiodevs' needs QEMU 10.0 or 11.1; this is 7.2.1: not found")
                .satisfies(e -> assertThat(e.releases()).containsExactly("10.0", "11.1"));
        assertThat(in(11, 1).command("x-query-profile", "not found"))
                .hasMessage("the command 'x-query-profile' needs QEMU 7.2; this is 11.1.1: not found");
        assertThat(in(9, 0).command("query-audiodevs", "not found")).hasMessageContaining("needs QEMU 10.0 or 11.1");
    }

    @Test
    void namesNoneWhereNoneIsKnownOrItShouldBeInThisOne() {
        String plain = "does not support the command";
        assertThat(in(7, 2).command("no-such", "not found")).hasMessageContaining(plain);
        assertThat(in(7, 2).command("query-status", "not found")).hasMessageContaining(plain);
        assertThat(in(7, 2).command("block-commit", "not found")).hasMessageContaining(plain);
        assertThat(in(10, 0).command("query-audiodevs", "not found"))
                .hasMessageContaining(plain)
                .satisfies(e -> assertThat(e.releases()).isEmpty());
    }

    @Test
    void namesTheReleasesOfAnArgument() {
        assertThat(in(7, 2).argument("migrate", "channels", "unexpected"))
                .hasMessage(
                        "the member 'channels' of the command 'migrate' needs QEMU 10.0 or 11.1; this is 7.2.1: unexpected");
        assertThat(in(7, 2).argument("query-stats", "target=cryptodev", "no"))
                .hasMessageStartingWith(
                        "the value 'cryptodev' of the member 'target' of the command 'query-stats' needs");
        assertThat(in(7, 2).argument("query-stats", "", "no"))
                .hasMessageContaining("does not support the command 'query-stats' as it is given: no");
    }

    @Test
    void findsInARefusalWhatTheReleaseDoesNotHave() {
        assertThat(refused(in(7, 2), "migrate", "{\"channels\":[]}", "Parameter 'channels' is unexpected"))
                .isPresent();
        assertThat(refused(
                        in(7, 2),
                        "blockdev-add",
                        "{\"file\":{\"discard-no-unref\":true}}",
                        "Parameter 'file.discard-no-unref' is unexpected"))
                .hasValueSatisfying(e -> assertThat(e.releases()).containsExactly("10.0", "11.1"));
        assertThat(refused(
                        in(7, 2),
                        "query-stats",
                        "{\"target\":\"cryptodev\"}",
                        "Parameter 'target' does not accept value 'cryptodev'"))
                .isPresent();
    }

    @Test
    void makesNoGuesses() {
        String desc = "Parameter 'channels' is unexpected";
        assertThat(refused(in(10, 0), "migrate", "{\"channels\":[]}", desc))
                .as("this release has it")
                .isEmpty();
        assertThat(refused(in(9, 0), "migrate", "{\"channels\":[]}", desc))
                .as("not all is known of this release")
                .isEmpty();
        assertThat(refused(in(7, 2), "migrate", "{\"uri\":\"channels\"}", desc))
                .as("it was not given")
                .isEmpty();
        assertThat(refused(in(7, 2), "migrate", "{\"channels\":[]}", "Parameter 'uri' is missing"))
                .as("it was refused for something else")
                .isEmpty();
        assertThat(refused(in(7, 2), "migrate", "{\"channels\":[]}", "no channels here"))
                .as("it is not named")
                .isEmpty();
        assertThat(refused(in(7, 2), "no-such", "{\"channels\":[]}", desc)).isEmpty();
    }
}
