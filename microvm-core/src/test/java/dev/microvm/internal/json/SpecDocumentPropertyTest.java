/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostServiceProvider;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class SpecDocumentPropertyTest {
    private static final List<HostServiceProvider> PROVIDERS = List.of(new Greeting.Provider());

    @Property(tries = 300)
    void anySpecComesBack(@ForAll("specs") VmSpec spec) {
        String json = SpecDocument.write(spec, PROVIDERS);
        VmSpec back = SpecDocument.read(json, PROVIDERS);
        assertThat(back).isEqualTo(spec);
        assertThat(SpecDocument.write(back, PROVIDERS)).isEqualTo(json);
    }

    @Provide
    Arbitrary<VmSpec> specs() {
        return SpecArbitraries.specs();
    }
}
