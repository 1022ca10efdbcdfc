/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpException;
import dev.microvm.spec.SpecExtension;
import dev.microvm.spi.HostServiceProvider;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Extensions: the kind is ours, the rest is between the document and the provider of that kind. */
final class ExtensionForm implements JsonType<SpecExtension> {
    private final List<HostServiceProvider> providers;

    ExtensionForm(List<HostServiceProvider> providers) {
        this.providers = providers;
    }

    @Override
    public JsonNode write(SpecExtension extension) {
        String kind = extension.kind();
        JsonValue json = provider(kind)
                .orElseThrow(() -> new IllegalArgumentException("extension " + kind + ": its module is absent; add "
                        + extension.providedBy() + " (present: " + present() + ")"))
                .toJson(extension);
        JsonNode node = SpecDocument.tree(json.toString());
        if (!(node instanceof ObjectNode object) || object.has(ChoiceForm.TYPE)) {
            throw new IllegalStateException("extension " + kind + ": its provider must write an object without the member "
                    + ChoiceForm.TYPE + ", not " + json);
        }
        return ChoiceForm.typed(kind, object);
    }

    @Override
    public SpecExtension read(JsonNode node, JsonPlace at) {
        String kind = ChoiceForm.typeOf(node, at);
        HostServiceProvider provider = provider(kind)
                .orElseThrow(() -> at.member(ChoiceForm.TYPE)
                        .wrong("no module here understands extensions of the kind \"" + kind
                                + "\"; add the one that does to the module path or class path (present: " + present() + ")"));
        try {
            return provider.fromJson(
                    kind, JsonValue.parse(ChoiceForm.withoutType(node).toString()));
        } catch (IllegalArgumentException | QmpException e) {
            throw at.wrong(e);
        }
    }

    private Optional<HostServiceProvider> provider(String kind) {
        return providers.stream().filter(provider -> provider.serves(kind)).findFirst();
    }

    private String present() {
        return providers.isEmpty()
                ? "none"
                : providers.stream()
                        .map(Object::getClass)
                        .map(type -> type.getModule().isNamed() ? type.getModule().getName() : type.getName())
                        .distinct()
                        .collect(Collectors.joining(", "));
    }
}
