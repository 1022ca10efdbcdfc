/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransportChoiceTest {
    @TempDir
    Path folder;

    @Test
    void takesTheTransportThatIsAskedFor() {
        assertThat(UnixTransport.choose(UnixTransport.Kind.JDK)).hasToString("JDK");
        assertThat(UnixTransport.choose(UnixTransport.Kind.JUNIXSOCKET)).hasToString("junixsocket");
    }

    @Test
    void prefersJunixsocketUntilJavaWarnsOfNativeCode() {
        assertThat(UnixTransport.choose(UnixTransport.Kind.AUTO))
                .hasToString(
                        Runtime.version().feature() < UnixTransport.FIRST_JAVA_THAT_WARNS_OF_NATIVE_CODE
                                ? "junixsocket"
                                : "JDK");
    }

    @Test
    void loadsNoClassOfJunixsocketWhenTheJdkIsChosen() throws Exception {
        assertThat(classesLoadedWhenChoosing("JDK", true)).noneMatch(line -> line.contains("org.newsclub"));
        assertThat(classesLoadedWhenChoosing("JUNIXSOCKET", true)).anyMatch(line -> line.contains("org.newsclub"));
    }

    @Test
    void worksWithoutTheJarOfJunixsocket() throws Exception {
        assertThat(classesLoadedWhenChoosing("AUTO", false)).anyMatch(line -> line.contains("JdkTransport"));
    }

    private List<String> classesLoadedWhenChoosing(String kind, boolean withJunixsocket) throws Exception {
        Path log = folder.resolve(kind);
        // The module path of a test run has what is needed, though the test itself is patched into a module.
        String classPath = Stream.of(
                        System.getProperty("jdk.module.path", ""),
                        System.getProperty("java.class.path", ""),
                        location(UnixTransport.class),
                        System.getProperty("basedir", ".") + "/target/test-classes")
                .flatMap(path -> Stream.of(path.split(File.pathSeparator)))
                .filter(path -> !path.isEmpty())
                .filter(path -> withJunixsocket || !path.contains("junixsocket"))
                .collect(Collectors.joining(File.pathSeparator));
        Path said = folder.resolve(kind + ".said");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // Who asks for junixsocket grants this on Java 24 and later; nobody else has to.
                        "--enable-native-access=" + (kind.equals("JUNIXSOCKET") ? "ALL-UNNAMED" : "java.base"),
                        "-Xlog:class+load:file=" + log,
                        "-cp",
                        classPath,
                        TransportChooser.class.getName(),
                        kind,
                        folder.resolve("s").toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(said).as("warnings and the like").isEmptyFile();
        assertThat(process.exitValue()).isZero();
        return Files.readAllLines(log);
    }

    private static String location(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().getPath();
    }
}
