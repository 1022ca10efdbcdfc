/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import dev.microvm.qmp.JsonValue;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spi.HostServiceProvider;
import java.util.Set;

/** An extension as another module would bring it. */
record Greeting(String text, long times) implements SpecExtension {
    @Override
    public String kind() {
        return "greeting";
    }

    @Override
    public String providedBy() {
        return "com.example:greeting";
    }

    static final class Provider implements HostServiceProvider {
        @Override
        public boolean serves(String extensionKind) {
            return extensionKind.equals("greeting");
        }

        @Override
        public JsonValue toJson(SpecExtension extension) {
            Greeting greeting = (Greeting) extension;
            return JsonValue.Obj.of("text", new JsonValue.Str(greeting.text())).with("times", greeting.times());
        }

        @Override
        public SpecExtension fromJson(String extensionKind, JsonValue json) {
            JsonValue.Obj object = (JsonValue.Obj) json;
            if (!Set.of("text", "times").containsAll(object.members().keySet())) {
                throw new IllegalArgumentException("greeting: known are text and times, not "
                        + object.members().keySet());
            }
            return new Greeting(object.string("text"), object.integer("times"));
        }
    }
}
