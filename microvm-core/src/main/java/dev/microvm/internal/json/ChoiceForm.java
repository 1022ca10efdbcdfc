/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One of several kinds of objects, told apart by the member {@value #TYPE}. */
final class ChoiceForm<T> implements JsonType<T> {
    static final String TYPE = "type";

    private record Alternative<S>(String name, Class<S> type, JsonType<S> form) {
        boolean fits(Object value) {
            return type.isInstance(value);
        }

        JsonNode write(Object value) {
            return form.write(type.cast(value));
        }
    }

    private final List<Alternative<? extends T>> alternatives;

    private ChoiceForm(List<Alternative<? extends T>> alternatives) {
        this.alternatives = alternatives;
    }

    static <T> ChoiceForm<T> of() {
        return new ChoiceForm<>(List.of());
    }

    /** {@return this choice with one more kind} */
    <S extends T> ChoiceForm<T> or(String name, Class<S> type, JsonType<S> form) {
        List<Alternative<? extends T>> more = new ArrayList<>(alternatives);
        more.add(new Alternative<>(name, type, form));
        return new ChoiceForm<>(List.copyOf(more));
    }

    @Override
    public JsonNode write(T value) {
        for (Alternative<? extends T> alternative : alternatives) {
            if (alternative.fits(value)) {
                return typed(alternative.name(), (ObjectNode) alternative.write(value));
            }
        }
        throw new IllegalStateException("no JSON form for " + value.getClass().getName());
    }

    @Override
    public T read(JsonNode node, JsonPlace at) {
        String name = typeOf(node, at);
        for (Alternative<? extends T> alternative : alternatives) {
            if (alternative.name().equals(name)) {
                return alternative.form().read(withoutType(node), at);
            }
        }
        String known = alternatives.stream().map(Alternative::name).collect(Collectors.joining(", "));
        throw at.member(TYPE).wrong("\"" + name + "\" is unknown; known: " + known);
    }

    /** {@return the object with its kind in front} */
    static ObjectNode typed(String name, ObjectNode object) {
        ObjectNode all = JsonTypes.NODES.objectNode().put(TYPE, name);
        all.setAll(object);
        return all;
    }

    static String typeOf(JsonNode node, JsonPlace at) {
        if (!node.isObject()) {
            throw at.wrong("must be an object, not " + node);
        }
        JsonNode type = node.get(TYPE);
        if (type == null) {
            throw at.member(TYPE).wrong("is missing");
        }
        return JsonTypes.text(type, at.member(TYPE));
    }

    static ObjectNode withoutType(JsonNode node) {
        ObjectNode rest = ((ObjectNode) node).deepCopy();
        rest.remove(TYPE);
        return rest;
    }
}
