/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.GuestMounts;
import dev.microvm.MicroVm;
import dev.microvm.VmExit;
import dev.microvm.guest.ExecResult;
import dev.microvm.nix.NixStoreSharing;
import dev.microvm.qmp.QmpClient;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.command.QueryStatus;
import dev.microvm.qmp.command.SystemPowerdown;
import dev.microvm.qmp.model.StatusInfo;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.FileSystem;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.PortForward;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Java code of the README is code that is compiled: every line of it stands in the main job or in this file. */
class ReadmeExamplesTest {
    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();

    @Test
    void everyLineOfTheReadmesJavaIsCompiled() throws IOException {
        List<String> examples = Stream.of("README.md", "docs/qmp.md", "docs/persistence.md")
                .flatMap(ReadmeExamplesTest::javaOf)
                .toList();
        assertThat(examples).hasSizeGreaterThanOrEqualTo(3);
        String compiled = squeezed(Files.readString(
                        REPOSITORY.resolve("microvm-examples/src/main/java/dev/microvm/examples/DevVmJob.java")))
                + squeezed(Files.readString(REPOSITORY.resolve(
                        "microvm-examples/src/test/java/dev/microvm/examples/ReadmeExamplesTest.java")));
        assertThat(examples)
                .allSatisfy(example -> assertThat(compiled).contains(squeezed(example.replaceAll("//.*", ""))));
    }

    private static Stream<String> javaOf(String document) {
        String text;
        try {
            text = Files.readString(REPOSITORY.resolve(document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1));
    }

    /** So {@link ConsumerIT}, which builds that project, has proved the README's dependencies. */
    @Test
    void dependenciesOfTheReadmeAreThoseOfTheConsumerProject() throws IOException {
        String example = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(REPOSITORY.resolve("README.md")))
                .results()
                .map((MatchResult result) -> result.group(1))
                .findFirst()
                .orElseThrow();
        String consumer = Files.readString(REPOSITORY.resolve("microvm-examples/src/it/consumer/pom.xml"))
                .replaceAll("(?s)<!--.*?-->", "");
        String version = "<version>[^<]*</version>";
        assertThat(squeezed(consumer).replaceAll(version, ""))
                .contains(squeezed(example).replaceAll(version, ""));
        assertThat(squeezed(Files.readString(REPOSITORY.resolve("pom.xml"))))
                .as("the README's version")
                .contains("<artifactId>microvm-parent</artifactId>"
                        + Pattern.compile(version)
                                .matcher(example)
                                .results()
                                .map((MatchResult result) -> result.group())
                                .findFirst()
                                .orElseThrow());
    }

    @Test
    void everyRelativeLinkOfTheDocumentsLeadsSomewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)(#[^)]*)?\\)");
        List<Path> documents;
        try (Stream<Path> files = Files.walk(REPOSITORY)) {
            documents = files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
        assertThat(documents).hasSizeGreaterThan(8);
        for (Path document : documents) {
            assertThat(link.matcher(Files.readString(document)).results().map(match -> match.group(1)))
                    .as("links of " + REPOSITORY.relativize(document))
                    .allSatisfy(target ->
                            assertThat(document.getParent().resolve(target)).exists());
        }
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    /** Never run: it need only compile. */
    static void inOnePiece(Path folder) {
        VmSpec spec = VmSpec.builder()
                .name("dev")
                .vcpus(2)
                .boot(BootSource.hostRoot())
                .addShares(Share.auto("work", folder).mountedAt("/work"))
                .addForwards(PortForward.hostToGuest(8080, 80))
                .addExtensions(NixStoreSharing.wholeStore())
                .build();
        try (MicroVm vm = MicroVm.start(spec)) {
            ExecResult uname = vm.shell().exec("uname", "-r").orFail();
            StatusInfo status = vm.qmp().execute(QueryStatus.of());
            VmExit exit = vm.shutdown(Duration.ofSeconds(30));
        }
    }

    /** Never run: it need only compile. */
    static GuestMounts whatIsKept(Path folder, Path image) {
        VmSpec dev = VmSpec.builder()
                .boot(HostRoot.builder().addEmptyFolders("/home").build())
                .addShares(VirtiofsShare.of("persistent", folder)
                        .mountedAt("/persistent")
                        .mappingUser(1000))
                .addPersistence(
                        Persistence.at("/persistent")
                                .directories("/var/lib/foo")
                                .files("/etc/machine-id"),
                        Persistence.at("/persistent")
                                .directories("git", ".stack")
                                .file(".netrc", 0600)
                                .ofUser("dev", 1000))
                .build();
        Volume data = Volume.of(image).createdWith(1024, FileSystem.EXT4).mountedAt("/data");
        VmSpec spec = VmSpec.builder()
                .from(dev)
                .addVolumes(Volume.of(image).createdWith(1024, FileSystem.EXT4).mountedAt("/data"))
                .addPersistence(
                        Persistence.at("/work").directories("/var/lib/foo").files("/etc/machine-id"))
                .addVolumes(data)
                .build();
        GuestMounts mounts = GuestMounts.of(spec);
        List<String> fstab = mounts.fstab();
        Map<String, String> units = mounts.systemdUnits();
        String module = mounts.nixosModule();
        return mounts;
    }

    /** Never run: it need only compile. */
    static void qmpAlone() {
        try (QmpClient qmp = QmpClient.connect(Path.of("/run/vm/qmp.sock"), QmpOptions.defaults())) {
            StatusInfo status = qmp.execute(QueryStatus.of());
            System.out.println(qmp.greeting().version() + " is " + status.status());
            qmp.execute(SystemPowerdown.of());
        }
    }
}
