/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.microvm.SpecJson;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.VmSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpecDocumentTest {
    private static final List<Greeting.Provider> GREETING = List.of(new Greeting.Provider());

    private static String document(String members) {
        return "{\"formatVersion\":1,\"boot\":{\"type\":\"host-root\"}," + members + "}";
    }

    private static void refuses(String json, String... message) {
        assertThatThrownBy(() -> SpecJson.read(json, GREETING))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(message);
    }

    @Test
    void readsAndWritesTheDocumentedSample() throws IOException {
        try (InputStream in = SpecDocumentTest.class.getResourceAsStream("/json/sample.json")) {
            assertThat(in).isNotNull();
            String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            VmSpec spec = SpecJson.read(json, GREETING);
            assertThat(spec.extensions()).containsExactly(new Greeting("hello", 3));
            assertThat(SpecJson.write(spec, GREETING)).isEqualTo(json.stripTrailing());
        }
    }

    @Test
    void takesDefaultsForWhatIsLeftOut() {
        String json = "{\"formatVersion\":1,\"boot\":{\"type\":\"host-root\"}}";
        assertThat(SpecJson.read(json))
                .isEqualTo(VmSpec.builder().boot(BootSource.hostRoot()).build());
    }

    @Test
    void writesDefaultsOut() {
        String json =
                SpecJson.write(VmSpec.builder().boot(BootSource.hostRoot()).build());
        assertThat(json)
                .contains("\"memoryMib\" : 1024", "\"accelerator\" : \"auto\"", "\"architecture\" : \"x86-64\"");
    }

    @Test
    void refusesUnknownMembersNamingPlaceAndWhatIsKnown() {
        refuses(
                document("\"shares\":[{\"type\":\"9p\",\"tag\":\"a\",\"source\":\"/a\",\"writable\":true}]"),
                "$.shares[0].writable: is unknown; known: tag, source, mountPoint, readOnly, securityModel, cache, msize");
        refuses(document("\"memory\":1"), "$.memory: is unknown; known: name, architecture, machine,");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"vcpus\":\"2\"             | $.vcpus: must be an integer, not \"2\"",
                "\"vcpus\":2.0               | $.vcpus: must be an integer, not 2.0",
                "\"vcpus\":99999999999       | $.vcpus: must be an integer",
                "\"vcpus\":null              | $.vcpus: must not be null; leave the member out",
                "\"vcpus\":0                 | $: VmSpec.vcpus = 0: must be 1 to 255",
                "\"name\":7                  | $.name: must be a text, not 7",
                "\"accelerator\":\"hvf\"     | $.accelerator: \"hvf\" is unknown; known: auto, kvm, tcg",
                "\"shares\":{}               | $.shares: must be an array, not {}",
                "\"shares\":[1]              | $.shares[0]: must be an object, not 1",
                "\"shares\":[{\"tag\":\"a\"}] | $.shares[0].type: is missing",
                "\"shares\":[{\"type\":\"nfs\"}] | $.shares[0].type: \"nfs\" is unknown; known: 9p, virtiofs, auto",
                "\"shares\":[{\"type\":\"9p\",\"tag\":\"a\"}] | $.shares[0].source: is missing",
                "\"shares\":[{\"type\":\"9p\",\"tag\":\"a\",\"source\":\"~/x\"}] | $.shares[0]: NinePShare.source = ~/x: '~' is",
                "\"shares\":[{\"type\":\"9p\",\"tag\":\"a\",\"source\":\"/a\",\"fmode\":\"644\"}] | $.shares[0].fmode: must be octal",
                "\"vsock\":[]                | $.vsock: must be an object, not []",
                "\"vcpus\":1,\"vcpus\":2     | not JSON: line 1, column",
                "\"vcpus\":1}x               | not JSON: line 1, column",
            })
    void refusesWhatIsWrongNamingItsPlace(String members, String message) {
        refuses(document(members), message);
    }

    @Test
    void refusesOtherVersions() {
        refuses("{\"boot\":{\"type\":\"host-root\"}}", "$.formatVersion: is missing; this library reads version 1");
        refuses("{\"formatVersion\":2}", "$.formatVersion: 2 is not a version that this library reads; it reads 1");
        refuses("[]", "$: must be an object, not []");
        refuses("", "not JSON: the text is empty");
    }

    @Test
    void namesTheMissingModuleOfAnExtension() {
        VmSpec spec = VmSpec.builder()
                .boot(BootSource.hostRoot())
                .addExtensions(new Greeting("hello", 1))
                .build();
        assertThatThrownBy(() -> SpecJson.write(spec, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("extension greeting: its module is absent; add com.example:greeting (present: none)");
        refuses(
                document("\"extensions\":[{\"type\":\"parting\"}]"),
                "$.extensions[0].type: no module here understands extensions of the kind \"parting\"",
                "present: dev.microvm");
    }

    @Test
    void passesOnWhatAProviderRefuses() {
        refuses(
                document("\"extensions\":[{\"type\":\"greeting\",\"text\":\"a\",\"times\":1,\"loud\":true}]"),
                "$.extensions[0]: greeting: known are text and times");
        refuses(
                document("\"extensions\":[{\"type\":\"greeting\",\"text\":\"a\"}]"),
                "$.extensions[0]: member 'times' is missing");
    }
}
