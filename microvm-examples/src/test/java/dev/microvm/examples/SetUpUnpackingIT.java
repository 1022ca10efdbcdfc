/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kernel and virtiofsd of another Debian release, unpacked by the real scripts with the real apt, gpgv and dpkg-deb from a mirror of the tests'
 * own, into a cache of the tests' own. Only where there is an apt, so not on other distributions.
 */
class SetUpUnpackingIT {
    private static final String CACHE = "var/cache/microvm";
    private static final String KERNEL = CACHE + "/kernels/" + SignedMirror.KERNEL;
    private static final String VIRTIOFSD = CACHE + "/bin/virtiofsd";

    @TempDir
    private static Path shared;

    private static Path published = Path.of("");
    private static byte[] keyring = {};

    @TempDir
    private Path folder;

    private Path mirror;
    private SetUpHost host;

    @BeforeAll
    static void publishPackages() throws Exception {
        boolean debian = Files.isReadable(Path.of("/etc/debian_version"));
        assumeTrue(debian || SetUpHost.has("apt-get"), "the scripts unpack nothing without apt");
        Requirements.need(SetUpHost.has("apt-get") && SetUpHost.has("dpkg-deb"), "apt-get and dpkg-deb are there");
        OpenPgpKey key = new OpenPgpKey();
        keyring = key.keyring();
        published = shared.resolve("mirror");
        new SignedMirror(published, key);
    }

    /** Debian 12 with all packages, but without a kernel and virtiofsd; its apt is the real one, and knows of the mirror alone. */
    @BeforeEach
    void debian12WithARealApt() throws IOException {
        host = SetUpHost.debian12(folder);
        new SetUpPackages(host).everything();
        Files.delete(host.root.resolve("boot/vmlinuz-" + SignedMirror.KERNEL));
        Files.delete(host.root.resolve("usr/libexec/virtiofsd"));
        host.real("apt-get", "dpkg", "dpkg-deb", "setpriv");
        mirror = folder.resolve("mirror");
        SetUpHost.copy(published, mirror);
        trust(keyring);
        host.write(
                "etc/apt/sources.list.d/debian.sources",
                "Types: deb\nURIs: copy:%s\nSuites: bookworm\nComponents: main\n".formatted(mirror));
        Path configuration = host.write("etc/apt/apt.conf", """
                Dir::Etc::Parts "/dev/null";
                Dir::Etc::main "/dev/null";
                Dir::Etc::sourcelist "/dev/null";
                Dir::Etc::sourceparts "%1$s/etc/apt/sources.list.d";
                Dir::State::lists "%1$s/etc/apt/lists";
                """.formatted(host.root));
        host.set("APT_CONFIG", configuration.toString());
    }

    private void trust(byte[] keys) throws IOException {
        Path file = host.write("usr/share/keyrings/debian-archive-keyring.gpg", "");
        Files.write(file, keys);
    }

    private SetUpHost.Outcome setUp() throws Exception {
        return host.run("quickstart", "--setup-only");
    }

    private void setsUp() throws Exception {
        SetUpHost.Outcome outcome = setUp();
        assertThat(outcome.code()).as(outcome.toString()).isZero();
        assertThat(outcome.output())
                .contains("found virtiofsd 1.13.2 (%s)".formatted(host.root.resolve(VIRTIOFSD)))
                .contains(
                        "found guest kernel " + SignedMirror.KERNEL + " (%s/boot/".formatted(host.root.resolve(KERNEL)))
                .endsWith("quickstart: everything needed is there\n");
        assertThat(host.root.resolve(CACHE + "/unpacking")).doesNotExist();
    }

    /** Nothing of it may be found by a later run, or by Java, which looks in the same places. */
    private void refuses(String why) throws Exception {
        SetUpHost.Outcome outcome = setUp();
        assertThat(outcome.code()).as(outcome.toString()).isEqualTo(1);
        assertThat(outcome.errors()).contains("quickstart: apt could not ").contains(why);
        assertThat(host.files(CACHE + "/kernels")).isEmpty();
        assertThat(host.files(CACHE + "/bin")).isEmpty();
        assertThat(host.run("quickstart", "--dry-run").output())
                .contains("will unpack virtiofsd", "will unpack the kernel");
    }

    /** With what was wrong put right, the same cache becomes whole: it was refused for that alone, and nothing stands in the way. */
    private void restoreMirrorAndSetUp() throws Exception {
        Files.move(mirror, folder.resolve("bad-mirror"));
        SetUpHost.copy(published, mirror);
        setsUp();
    }

    @Test
    void whatIsUnpackedRunsAndASecondRunNeedsNoMirrorAndTouchesNothing() throws Exception {
        setsUp();
        assertThat(host.files(KERNEL))
                .containsKeys(
                        "boot/vmlinuz-" + SignedMirror.KERNEL, "lib/modules/" + SignedMirror.KERNEL + "/modules.dep")
                .doesNotContainKey("usr");
        Files.move(mirror, folder.resolve("gone"));
        Map<String, String> before = host.files("");

        SetUpHost.Outcome again = setUp();

        assertThat(again.code()).as(again.toString()).isZero();
        assertThat(again.output()).contains("will set up nothing");
        assertThat(host.files("")).isEqualTo(before);
    }

    @Test
    void userWithoutRightsHasTheRestDoneAndIsGivenTheCommandForPackages() throws Exception {
        host.user(SetUpHost.USER);
        host.set("MICROVM_CACHE", host.root.resolve(CACHE).toString());
        Files.delete(host.root.resolve("usr/bin/nix"));

        SetUpHost.Outcome outcome = setUp();

        assertThat(outcome.code()).as(outcome.toString()).isEqualTo(1);
        assertThat(outcome.output()).contains("found virtiofsd 1.13.2", "found guest kernel " + SignedMirror.KERNEL);
        assertThat(outcome.errors())
                .isEqualTo(
                        "quickstart: still missing: nix (Debian package nix-bin): has the store that is shared with the guest\n"
                                + "quickstart: please run this and then quickstart again:"
                                + " su -c 'apt-get update && apt-get install --no-install-recommends nix-bin'\n");
    }

    @Test
    void suiteSignedByAnotherKeyIsRefused() throws Exception {
        trust(new OpenPgpKey().keyring());

        refuses("NO_PUBKEY");

        trust(keyring);
        setsUp();
    }

    @Test
    void suiteWithoutASignatureIsRefused() throws Exception {
        try (var suites = Files.list(mirror.resolve("dists"))) {
            for (Path suite : suites.toList()) {
                String signed = Files.readString(suite.resolve("InRelease"));
                String text = signed.substring(signed.indexOf("\n\n") + 2, signed.indexOf("-----BEGIN PGP SIGNATURE"));
                Files.writeString(suite.resolve("Release"), text);
                Files.delete(suite.resolve("InRelease"));
            }
        }

        refuses("is not signed");
    }

    @Test
    void packageListThatIsNotTheSignedOneIsRefused() throws Exception {
        SignedMirror.tamper(mirror.resolve("dists/trixie/main/binary-amd64/Packages"));

        refuses("Hash Sum mismatch");
    }

    @Test
    void packageThatIsNotTheListedOneIsRefused() throws Exception {
        SignedMirror.tamper(mirror.resolve("pool/virtiofsd_1.13.2-1_amd64.deb"));

        refuses("Hash Sum mismatch");
        restoreMirrorAndSetUp();
    }

    @Test
    void hostWithoutDebiansKeysUnpacksNothing() throws Exception {
        Files.delete(host.root.resolve("usr/share/keyrings/debian-archive-keyring.gpg"));

        SetUpHost.Outcome outcome = setUp();

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.errors())
                .contains("debian-archive-keyring.gpg is missing")
                .contains("nothing is fetched unchecked");
        assertThat(host.files(CACHE + "/debian")).isEmpty();
    }
}
