/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.VmHost;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A project outside the reactor, of which {@code src/it/consumer} is the source, is built by a Maven of its own and boots a VM. It gets microvm
 * from a repository into which the build has installed parent, BOM and jars, and everything else from the outer build's local
 * repository, as a file: repository; no network, no settings of the user's.
 */
class ConsumerIT {
    private static final Path SOURCE = Path.of("src/it/consumer");
    private static final String MAIN = "org.example.consumer.Consumer";
    private static final Duration BUILD = Duration.ofSeconds(120);
    private static final Duration RUN = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    private Path project;

    @BeforeAll
    static void needsVms() {
        try (VmHost host = VmHost.create()) {
            VmSpec spec = VmSpec.builder()
                    .boot(BootSource.hostRoot())
                    .addShares(VirtiofsShare.of("shared", Path.of("/tmp")))
                    .build();
            Requirements.need(
                    host.preflight(spec).ok(),
                    "this host can boot a VM with a virtiofs share: "
                            + host.preflight(spec).problems());
        }
    }

    @BeforeEach
    void copyProject() throws Exception {
        project = folder.resolve("consumer");
        for (String name : List.of("pom.xml", "src/main/java/org/example/consumer/Consumer.java")) {
            Files.createDirectories(project.resolve(name).getParent());
            Files.copy(SOURCE.resolve(name), project.resolve(name));
        }
    }

    @Test
    void buildsAndBootsOnTheClassPath() throws Exception {
        build();

        String classPath =
                project.resolve("target/consumer-1.jar") + File.pathSeparator + project.resolve("target/lib/*");
        assertBoots(Path.of(System.getProperty("java.home")), "null", "-cp", classPath, MAIN);
    }

    /** On the newer JDK too, without a word about native access: what a user sees who grants nothing. */
    @Test
    void buildsAndBootsOnTheModulePath() throws Exception {
        Files.copy(SOURCE.resolve("module-path/module-info.java"), project.resolve("src/main/java/module-info.java"));
        build();

        String modulePath =
                project.resolve("target/consumer-1.jar") + File.pathSeparator + project.resolve("target/lib");
        for (Path jdk : jdks()) {
            assertBoots(jdk, "dev.microvm.core", "-p", modulePath, "-m", "org.example.consumer/" + MAIN);
        }
    }

    private void build() throws Exception {
        Path settings = folder.resolve("settings.xml");
        Files.writeString(settings, settings(Path.of(property("consumer.thirdParty"))));
        String output = Command.of(
                        Path.of(property("consumer.maven"), "bin", "mvn").toString(),
                        "-B",
                        "-ntp",
                        "-o",
                        "-Daether.offline.protocols=file",
                        "-s",
                        settings.toString(),
                        "-gs",
                        settings.toString(),
                        "-Dmaven.repo.local=" + property("consumer.repository"),
                        "-Dmicrovm.version=" + property("consumer.version"),
                        "package")
                .in(project)
                .runWithin(BUILD);
        assertThat(output).contains("BUILD SUCCESS").doesNotContain("WARN");
        try (Stream<Path> files = Files.list(project.resolve("target/lib"))) {
            assertThat(files.map(file -> file.getFileName().toString().replaceFirst("-[0-9].*[.]", ".")))
                    .as("what comes with core, virtiofs and nix")
                    .containsExactlyInAnyOrder(
                            "microvm-qmp.jar",
                            "microvm-core.jar",
                            "microvm-virtiofs.jar",
                            "microvm-nix.jar",
                            "commons-codec.jar",
                            "commons-compress.jar",
                            "commons-exec.jar",
                            "commons-io.jar",
                            "commons-lang3.jar",
                            "jackson-annotations.jar",
                            "jackson-core.jar",
                            "jackson-databind.jar",
                            "jspecify.jar",
                            "junixsocket-common.jar",
                            "junixsocket-native-common.jar",
                            "sqlite-jdbc.jar",
                            "xz.jar");
        }
    }

    private void assertBoots(Path jdk, String library, String... arguments) throws Exception {
        Path shared = Files.createTempDirectory(folder, "shared");
        String output = Command.of(jdk.resolve("bin/java").toString(), "-Xmx256m")
                .with(arguments)
                .with(shared.toString())
                .in(folder)
                .runWithin(RUN);
        assertThat(output)
                .as("all of standard output and standard error, on %s", jdk)
                .matches("the library is in the module " + library + "\nguest kernel \\S+\nall is right\n");
    }

    private static List<Path> jdks() {
        String newest = System.getProperty("microvm.test.newestJdk", "");
        return Stream.of(System.getProperty("java.home"), newest)
                .filter(home -> !home.isEmpty())
                .map(Path::of)
                .toList();
    }

    private static String property(String name) {
        return assertThat(System.getProperty(name))
                .as(name + " comes from the build")
                .isNotNull()
                .actual();
    }

    private static String settings(Path thirdParty) {
        String repository =
                "<id>outer-build</id><url>%s</url><releases><checksumPolicy>ignore</checksumPolicy></releases>"
                                .formatted(thirdParty.toUri())
                        + "<snapshots><enabled>false</enabled></snapshots>";
        return """
                <settings>
                  <profiles>
                    <profile>
                      <id>outer-build</id>
                      <repositories><repository>%1$s</repository></repositories>
                      <pluginRepositories><pluginRepository>%1$s</pluginRepository></pluginRepositories>
                    </profile>
                  </profiles>
                  <activeProfiles><activeProfile>outer-build</activeProfile></activeProfiles>
                </settings>
                """.formatted(repository);
    }
}
