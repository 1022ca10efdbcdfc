/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same sources, JDK and umask give the same bytes, in another folder and another time zone too. Two fresh builds are compared, for the
 * outer one need not be clean: the Javadoc tool leaves pages of classes that are gone.
 */
class ReproducibleJarsIT {
    private static final Duration BUILD = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    @BeforeAll
    static void takesMinutes() {
        Requirements.full();
    }

    @Test
    void aSecondBuildGivesTheSameJars() throws Exception {
        Path first = build("first", "UTC");
        Path second = build("somewhere/else", "Pacific/Auckland");
        for (String module : PublishedJars.MODULES) {
            for (String classifier : new String[] {"", "-sources", "-javadoc"}) {
                Path jar = PublishedJars.relative(module, classifier);
                assertThat(second.resolve(jar)).hasSameBinaryContentAs(first.resolve(jar));
            }
        }
    }

    private Path build(String name, String timeZone) throws IOException, InterruptedException {
        Path copy = folder.resolve(name);
        copySources(copy);
        Command.of(
                        "env",
                        "TZ=" + timeZone,
                        Path.of(System.getProperty("build.mavenHome"), "bin", "mvn")
                                .toString(),
                        "-B",
                        "-q",
                        "-o",
                        "-Dmaven.repo.local=" + System.getProperty("build.localRepository"),
                        "-Dmaven.test.skip",
                        "-pl",
                        String.join(",", PublishedJars.MODULES),
                        "-am",
                        "package")
                .in(copy)
                .runWithin(BUILD);
        return copy;
    }

    private void copySources(Path copy) throws IOException {
        Path from = PublishedJars.REPOSITORY;
        Set<String> leftOut = Set.of("target", ".git");
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (leftOut.contains(folder.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(copy.resolve(from.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, copy.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
