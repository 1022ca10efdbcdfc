/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

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
    @TempDir
    private static Path shared;

    private static Path published = Path.of("");
    private static byte[] keyring = {};

    @TempDir
    private Path folder;

    private UnpackingHost unpacking;
    private SetUpHost host;
    private Path mirror;

    @BeforeAll
    static void publishPackages() throws Exception {
        UnpackingHost.needsApt();
        OpenPgpKey key = new OpenPgpKey();
        keyring = key.keyring();
        published = shared.resolve("mirror");
        new SignedMirror(published, key);
    }

    @BeforeEach
    void debian12WithoutKernelAndVirtiofsd() throws IOException {
        unpacking = new UnpackingHost(folder, published, keyring);
        host = unpacking.host;
        mirror = unpacking.mirror;
    }

    /** Nothing of it may be found by a later run, or by Java, which looks in the same places. */
    private void refuses(String... why) throws Exception {
        SetUpHost.Outcome outcome = unpacking.setUp();
        assertThat(outcome.code()).as(outcome.toString()).isEqualTo(1);
        assertThat(outcome.errors()).contains("quickstart: apt could not ").containsAnyOf(why);
        assertThat(host.files(UnpackingHost.KERNELS)).isEmpty();
        assertThat(host.files(UnpackingHost.CACHE + "/bin")).isEmpty();
        assertThat(host.run("quickstart", "--dry-run").output())
                .contains("will unpack virtiofsd", "will unpack the kernel");
    }

    /** With what was wrong put right, the same cache becomes whole: it was refused for that alone, and nothing stands in the way. */
    private void restoreMirrorAndSetUp() throws Exception {
        Files.move(mirror, folder.resolve("bad-mirror"));
        SetUpHost.copy(published, mirror);
        unpacking.setsUp();
    }

    @Test
    void whatIsUnpackedRunsAndASecondRunNeedsNoMirrorAndTouchesNothing() throws Exception {
        unpacking.setsUp();
        Files.move(mirror, folder.resolve("gone"));
        Map<String, String> before = host.files("");

        SetUpHost.Outcome again = unpacking.setUp();

        assertThat(again.code()).as(again.toString()).isZero();
        assertThat(again.output()).contains("will set up nothing");
        assertThat(host.files("")).isEqualTo(before);
    }

    @Test
    void userWithoutRightsHasTheRestDoneAndIsGivenTheCommandForPackages() throws Exception {
        host.user(SetUpHost.USER);
        host.set("MICROVM_CACHE", host.root.resolve(UnpackingHost.CACHE).toString());
        Files.delete(host.root.resolve("usr/bin/nix"));

        SetUpHost.Outcome outcome = unpacking.setUp();

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
        unpacking.trust(new OpenPgpKey().keyring());

        refuses("NO_PUBKEY", "Missing key"); // gpgv's word, and that of the sqv of apt 3

        unpacking.trust(keyring);
        unpacking.setsUp();
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

        SetUpHost.Outcome outcome = unpacking.setUp();

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.errors())
                .contains("debian-archive-keyring.gpg is missing")
                .contains("nothing is fetched unchecked");
        assertThat(host.files(UnpackingHost.CACHE + "/debian")).isEmpty();
    }

    @Test
    void peerOfTheQmpClientIsUnpackedForAFullRunAlone() throws Exception {
        SetUpPackages packages = new SetUpPackages(host);
        packages.everything();
        packages.whatOnlyTheTestsNeed();
        packages.python();
        packages.loads();
        String client = UnpackingHost.CACHE + "/python/qemu-qmp";

        assertThat(host.run("verify").code()).isZero();
        assertThat(host.root.resolve(client)).doesNotExist();

        SetUpHost.Outcome outcome = host.run("verify", "--full");
        assertThat(outcome.code()).as(outcome.toString()).isZero();
        assertThat(outcome.output()).contains("unpacked qemu.qmp 0.0.6-1.1 of Debian sid into ");
        assertThat(host.files(client)).containsKey("qemu/qmp/__init__.py");
        assertThat(host.run("verify", "--full").output())
                .contains("found qemu.qmp for Python")
                .doesNotContain("unpacked");
    }
}
