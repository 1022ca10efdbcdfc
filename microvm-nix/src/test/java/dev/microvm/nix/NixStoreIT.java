/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The real Nix on a private store, as the caller and as an unprivileged user. */
class NixStoreIT {
    private interface Starter {
        RealNix start() throws IOException;
    }

    private RealNix real;

    static Stream<Named<Starter>> users() {
        return Stream.of(Named.of("the caller", RealNix::asCaller), Named.of("user 65534", RealNix::asNobody));
    }

    private NixCommands start(Starter starter) throws IOException {
        real = starter.start();
        return real.nix().withLimit(Duration.ofMinutes(2));
    }

    @AfterEach
    void removeStore() throws IOException {
        if (real != null) {
            real.close();
        }
    }

    @ParameterizedTest
    @MethodSource("users")
    void textsReferToEachOtherWithoutBuildingAnything(Starter starter) throws Exception {
        NixCommands nix = start(starter);
        String text = "quotes \" \\ ${interpolation} ''\r\nlast line, ünïcode";
        String greeting = nix.addText("greeting", text);
        String referrer = nix.addText("referrer", "see " + greeting + "\n", greeting);
        assertThat(nix.references(referrer)).containsExactly(greeting);
        assertThat(nix.references(greeting)).isEmpty();
        assertThat(nix.requisites(referrer)).containsExactlyInAnyOrder(greeting, referrer);
        assertThat(nix.isValid(referrer)).isTrue();
        assertThat(nix.isValid(DumpRecord.samplePath('a', "nothing"))).isFalse();
        assertThat(Files.readString(real.store().physical(greeting))).isEqualTo(text);
        StoreDatabase database = real.store().database();
        assertThat(database.references(referrer)).containsExactly(greeting);
        assertThat(database.isValid(greeting)).isTrue();
        assertThat(database.paths()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("users")
    void foldersAreAddedWithEverythingInThem(Starter starter) throws Exception {
        NixCommands nix = start(starter);
        Path source = Files.createDirectories(real.folder().resolve("source-1.0/bin"));
        Files.writeString(source.resolve("tool"), "#!/bin/sh\n");
        Files.createSymbolicLink(source.resolve("link"), Path.of("tool"));
        String path = nix.add(source.getParent());
        assertThat(path).endsWith("-source-1.0");
        assertThat(real.store().physical(path + "/bin/link")).isSymbolicLink().hasContent("#!/bin/sh");
        assertThat(nix.add(source.getParent()))
                .as("the same content gives the same path")
                .isEqualTo(path);
    }

    @ParameterizedTest
    @MethodSource("users")
    void derivationsAreBuiltByTheHostsShellWithoutNetwork(Starter starter) throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        NixCommands nix = start(starter).withProgress(lines::add);
        RealNix.require(real.canBuild(), "mount namespaces are not allowed");
        List<String> built =
                nix.build("let make = name: script: derivation { inherit name; system = builtins.currentSystem;"
                        + " builder = \"/bin/sh\"; args = [ \"-c\" script ]; };"
                        + " dep = make \"dep\" \"echo dep > $out\";"
                        + " in make \"top\" \"read x < ${dep}; echo $x ${dep} $out > $out\"");
        assertThat(built).singleElement().satisfies(top -> {
            assertThat(nix.references(top))
                    .as("a dependency and itself")
                    .hasSize(2)
                    .contains(top);
            assertThat(Files.readString(real.store().physical(top))).startsWith("dep /nix/store/");
        });
        assertThat(lines).anyMatch(line -> line.contains("building"));
        assertThatThrownBy(() ->
                        nix.build("derivation { name = \"bad\"; system = builtins.currentSystem; builder = \"/bin/sh\";"
                                + " args = [ \"-c\" \"echo reason >&2; exit 7\" ]; }"))
                .isInstanceOfSatisfying(
                        NixException.class, e -> assertThat(e.exitCode()).hasValue(100))
                .hasMessageContaining("reason");
    }

    @ParameterizedTest
    @MethodSource("users")
    void failuresCarryNixOwnWords(Starter starter) throws Exception {
        NixCommands nix = start(starter);
        assertThatThrownBy(() -> nix.add(real.folder().resolve("none")))
                .isInstanceOf(NixException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> nix.references(DumpRecord.samplePath('a', "nothing")))
                .isInstanceOf(NixException.class)
                .hasMessageContaining("is not valid");
    }
}
