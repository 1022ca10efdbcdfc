/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What lies in the jars that are published. */
class PublishedJarsIT {
    private static final int JAVA_17_CLASS_FILE = 61;

    static List<String> modules() {
        return PublishedJars.MODULES;
    }

    @ParameterizedTest
    @MethodSource("modules")
    void jarHoldsLicenceAndModuleAndNoTests(String module) throws IOException {
        Path path = PublishedJars.of(module, "");
        try (JarFile jar = new JarFile(path.toFile())) {
            assertThat(text(jar, "META-INF/LICENSE"))
                    .isEqualTo(Files.readString(PublishedJars.REPOSITORY.resolve("LICENSE")));
            assertThat(jar.getManifest().getMainAttributes().keySet())
                    .as("nothing of the machine it was built on")
                    .extracting(Object::toString)
                    .doesNotContain("Built-By", "Build-Jdk", "Build-Time");
            assertThat(names(jar))
                    .filteredOn(name -> name.endsWith(".class"))
                    .as("classes")
                    .isNotEmpty()
                    .noneMatch(name -> name.matches(".*(Test|IT)([$].*)?[.]class"))
                    .allSatisfy(name -> assertThat(classFileVersion(jar, name)).isEqualTo(JAVA_17_CLASS_FILE));
        }
        assertThat(ModuleFinder.of(path).find(module.replace("microvm-", "dev.microvm.")))
                .hasValueSatisfying(
                        found -> assertThat(found.descriptor().isAutomatic()).isFalse());
    }

    /** Every class costs about 750 bytes, and it has more than a thousand: see ADR 8. */
    @Test
    void jarOfTheQmpClientIsSmall() throws IOException {
        assertThat(Files.size(PublishedJars.of("microvm-qmp", ""))).isLessThanOrEqualTo(1_800_000);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void everySourceFileIsInTheSourcesJar(String module) throws IOException {
        Path folder = PublishedJars.REPOSITORY.resolve(module).resolve("src/main/java");
        try (JarFile jar = new JarFile(PublishedJars.of(module, "-sources").toFile());
                Stream<Path> files = Files.walk(folder)) {
            List<String> sources = files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .toList();
            assertThat(names(jar)).contains("META-INF/LICENSE").containsAll(sources);
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void javadocJarHasAPageForTheModule(String module) throws IOException {
        Path path = PublishedJars.of(module, "-javadoc");
        Requirements.need(Files.exists(path), path + " exists; -Dmaven.javadoc.skip leaves it out");
        try (JarFile jar = new JarFile(path.toFile())) {
            assertThat(names(jar))
                    .contains("index.html", module.replace("microvm-", "dev.microvm.") + "/module-summary.html");
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void javadocJarTellsNothingOfInternalPackages(String module) throws IOException {
        Path path = PublishedJars.of(module, "-javadoc");
        Requirements.need(Files.exists(path), path + " exists; -Dmaven.javadoc.skip leaves it out");
        try (JarFile jar = new JarFile(path.toFile())) {
            assertThat(names(jar))
                    .as("pages; those of an older build stay in target/reports until mvn clean")
                    .anyMatch(name -> name.endsWith("/package-summary.html"))
                    .noneMatch(name -> name.contains("/internal/"));
            assertThat(text(jar, "element-list"))
                    .as("what other Javadocs link to")
                    .doesNotContain(".internal");
        }
    }

    private static List<String> names(JarFile jar) {
        return jar.stream().map(JarEntry::getName).toList();
    }

    private static String text(JarFile jar, String name) throws IOException {
        return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int classFileVersion(JarFile jar, String name) {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(jar.getEntry(name)))) {
            in.skipNBytes(4 + 2); // the magic number and the minor version
            return in.readUnsignedShort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
