/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.internal.host.AcceleratorChoice;
import dev.microvm.internal.host.HostFacts;
import dev.microvm.internal.host.QemuBinary;
import dev.microvm.internal.host.QemuVersion;
import dev.microvm.spec.Accelerator;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.VmSpec;
import dev.microvm.spec.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever stands in a name comes out of QEMU's own reading of the command line unchanged. */
final class OptionListPropertyTest {
    /** Outside UTF-8 locales the JVM has no paths beyond ASCII. */
    private static final boolean UNICODE = "UTF-8".equals(System.getProperty("sun.jnu.encoding"));

    @Property(tries = 300)
    void anyValueComesBack(@ForAll("texts") String first, @ForAll("texts") String second) {
        String text = OptionList.of("driver")
                .with("path", first)
                .with("tag", second)
                .with("on", true)
                .text();
        assertThat(QemuOptions.parse(text))
                .containsExactly(
                        new QemuOptions.Option(QemuOptions.IMPLIED, "driver"),
                        new QemuOptions.Option("path", first),
                        new QemuOptions.Option("tag", second),
                        new QemuOptions.Option("on", "on"));
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void anyPathComesBackFromAWholeCommandLine(
            @ForAll("names") String run, @ForAll("names") String share, @ForAll("names") String image) {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addShares(NinePShare.of("tag", Path.of("/s", share)))
                .addVolumes(Volume.builder().image(Path.of("/i", image)).build())
                .build();
        HostFacts facts = new HostFacts(
                QemuBinary.of(Path.of("/qemu"), new QemuVersion(7, 2, 0)),
                new AcceleratorChoice(Accelerator.KVM, "test"),
                OptionalLong.empty());
        RuntimePaths paths = RuntimePaths.in(Path.of("/r", run));
        List<String> arguments = QemuCommandLine.render(
                        spec, facts, new BootFiles(Path.of("/kernel"), Optional.empty(), List.of()), paths)
                .arguments();
        assertThat(valuesOf(arguments, "path"))
                .contains(
                        "/s/" + share,
                        "/r/" + run + "/qmp.sock",
                        "/r/" + run + "/console.log",
                        "/r/" + run + "/ports/p3o");
        assertThat(valuesOf(arguments, "file.filename")).containsExactly("/i/" + image);
    }

    private static List<String> valuesOf(List<String> arguments, String key) {
        return arguments.stream()
                .flatMap(word -> key.equals("path") && word.startsWith("unix:") && key.equals("path")
                        ? pathOfShortForm(word).stream()
                        : QemuOptions.values(word, key).stream())
                .toList();
    }

    /** {@code unix:PATH} of {@code -qmp}: QEMU parses what follows the colon as options whose first may lack its key. */
    private static List<String> pathOfShortForm(String word) {
        return QemuOptions.values(word.substring("unix:".length()), QemuOptions.IMPLIED);
    }

    @Provide
    Arbitrary<String> texts() {
        return letters().list().ofMinSize(0).ofMaxSize(12).map(list -> String.join("", list));
    }

    /** Names of one folder: no slash, not '.', '..' or '~'. */
    @Provide
    Arbitrary<String> names() {
        return letters()
                .filter(letter -> !letter.equals("/"))
                .list()
                .ofMinSize(1)
                .ofMaxSize(12)
                .map(list -> String.join("", list))
                .filter(name -> !List.of(".", "..", "~").contains(name));
    }

    private static Arbitrary<String> letters() {
        Arbitrary<String> awkward = Arbitraries.of(",", ",,", "=", " ", "'", "\"", "\\", "$", "/", ".", "~", ":", "-");
        Arbitrary<String> ascii = Arbitraries.strings().withCharRange('!', '}').ofLength(1);
        return UNICODE
                ? Arbitraries.oneOf(awkward, ascii, Arbitraries.of("é", "ß", "日", "🦀", "\u0301"))
                : Arbitraries.oneOf(awkward, ascii);
    }
}
