/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Set-ups that are killed, that find a damaged cache, and that meet each other: nothing half-made is ever taken for whole. */
class SetUpInterruptedIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private static Path shared;

    private static Path published = Path.of("");
    private static byte[] keyring = {};

    @TempDir
    private Path folder;

    private UnpackingHost unpacking;
    private SetUpHost host;

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
    }

    /**
     * The whole set-up is 14 calls of dpkg-deb and mv, 5 of them for virtiofsd. Each line kills it after one of them and goes on with the
     * cache it has left.
     */
    @Test
    void killedSetUpLeavesNothingThatIsBelievedAndTheNextOneFinishes() throws Exception {
        killAfter("dpkg-deb", 1, "one of virtiofsd's packages is unpacked");
        assertFound(false, false);
        killAfter("dpkg-deb", 3, "all of them are");
        assertFound(false, false);
        killAfter("mv", 1, "they are in the cache, without a launcher");
        assertFound(false, false);
        killAfter("mv", 2, "virtiofsd is whole");
        assertFound(true, false);
        killAfter("dpkg-deb", 2, "kmod is unpacked, the kernel is not");
        assertFound(true, false);
        killAfter("mv", 1, "the kernel is unpacked, without modules.dep");
        assertFound(true, false);
        killAfter("mv", 2, "its image is apart from its modules");
        assertFound(true, false);
        killAfter("mv", 3, "it is whole, but not in the cache");
        assertFound(true, false);

        host.crashes("mv", 0);
        unpacking.setsUp();
        assertFound(true, true);
    }

    private void killAfter(String tool, int calls, String what) throws Exception {
        host.crashes("dpkg-deb", 0);
        host.crashes("mv", 0);
        host.crashes(tool, calls);
        SetUpHost.Outcome outcome = unpacking.setUp();
        assertThat(outcome.code()).as("killed when %s: %s", what, outcome).isEqualTo(128 + 9);
    }

    private void assertFound(boolean virtiofsd, boolean kernel) throws Exception {
        String plan = host.run("quickstart", "--dry-run").output();
        assertThat(plan.contains("found virtiofsd 1.13.2")).as(plan).isEqualTo(virtiofsd);
        assertThat(plan.contains("found guest kernel")).as(plan).isEqualTo(kernel);
        if (kernel) {
            unpacking.assertKernelIsWhole();
        } else {
            assertThat(host.files(UnpackingHost.KERNELS)).isEmpty();
        }
    }

    @Test
    void damagedCacheIsMadeWhole() throws Exception {
        unpacking.setsUp();
        Files.delete(host.root.resolve(UnpackingHost.KERNEL + "/lib/modules/" + SignedMirror.KERNEL + "/modules.dep"));
        try (var releases = Files.walk(host.root.resolve(UnpackingHost.CACHE + "/debian/trixie"))) {
            Files.delete(releases.filter(file -> file.endsWith("usr/libexec/virtiofsd"))
                    .findFirst()
                    .orElseThrow());
        }
        assertThat(host.run("quickstart", "--dry-run").output())
                .contains("will unpack virtiofsd", "will unpack the kernel");

        unpacking.setsUp();
    }

    @Test
    void secondSetUpWaitsForTheFirstAndFindsItsWorkDone() throws Exception {
        Path cache = Files.createDirectories(host.root.resolve(UnpackingHost.CACHE));
        Process first = new ProcessBuilder(
                        SetUpHost.real("flock").toString(),
                        cache.resolve("set-up.lock").toString(),
                        "sh",
                        "-c",
                        "echo held; cat")
                .start();
        try (var output = first.inputReader()) {
            assertThat(output.readLine()).isEqualTo("held");
            SetUpHost.Running second = host.start("quickstart", "--setup-only");
            second.awaitOutput("another set-up is at work in " + cache + ", waiting for it", LIMIT);
            doTheWorkElsewhere(cache);
            Map<String, String> done = host.files(UnpackingHost.KERNELS);

            first.getOutputStream().close();

            unpacking.assertIsSetUp(second.await());
            assertThat(host.files(UnpackingHost.KERNELS)).isEqualTo(done);
        } finally {
            first.destroyForcibly();
        }
        assertThat(first.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private void doTheWorkElsewhere(Path cache) throws Exception {
        UnpackingHost other = new UnpackingHost(Files.createDirectory(folder.resolve("other")), published, keyring);
        other.setsUp();
        for (String part : List.of("bin", "kernels", "debian")) {
            SetUpHost.copy(other.host.root.resolve(UnpackingHost.CACHE + "/" + part), cache.resolve(part));
        }
    }
}
