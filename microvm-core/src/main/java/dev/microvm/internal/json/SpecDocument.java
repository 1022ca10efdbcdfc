/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostServiceProvider;
import java.util.List;

/** A whole document: the format's version beside the members of the spec. */
public final class SpecDocument {
    /** The version this library writes, and the only one it reads. */
    public static final int FORMAT_VERSION = 1;

    private static final String VERSION = "formatVersion";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final ObjectReader READER = MAPPER.reader();
    private static final ObjectWriter WRITER = MAPPER.writerWithDefaultPrettyPrinter();

    private SpecDocument() {}

    /**
     * Writes a spec.
     *
     * @throws IllegalArgumentException if an extension's module is absent
     */
    public static String write(VmSpec spec, List<HostServiceProvider> providers) {
        ObjectNode document = JsonTypes.NODES.objectNode().put(VERSION, FORMAT_VERSION);
        document.setAll(SpecForms.spec(new ExtensionForm(providers)).write(spec));
        try {
            return WRITER.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree could not be written", e);
        }
    }

    /**
     * Reads a spec.
     *
     * @throws IllegalArgumentException if the text is not JSON, has another version, or does not describe a spec, with the place
     */
    public static VmSpec read(String json, List<HostServiceProvider> providers) {
        JsonNode node = tree(json);
        if (!(node instanceof ObjectNode document)) {
            throw JsonPlace.ROOT.wrong("must be an object, not " + node);
        }
        JsonPlace at = JsonPlace.ROOT.member(VERSION);
        JsonNode version = document.remove(VERSION);
        if (version == null) {
            throw at.wrong("is missing; this library reads version " + FORMAT_VERSION);
        }
        if (JsonTypes.INTEGER.read(version, at) != FORMAT_VERSION) {
            throw at.wrong(version + " is not a version that this library reads; it reads " + FORMAT_VERSION);
        }
        return SpecForms.spec(new ExtensionForm(providers)).read(document, JsonPlace.ROOT);
    }

    /** Parses one JSON value, of which no object has a member twice. */
    static JsonNode tree(String json) {
        try {
            JsonNode node = READER.readTree(json);
            if (node.isMissingNode()) {
                throw new IllegalArgumentException("not JSON: the text is empty");
            }
            return node;
        } catch (JsonProcessingException e) {
            JsonLocation place = e.getLocation();
            String where = place == null ? "" : "line " + place.getLineNr() + ", column " + place.getColumnNr() + ": ";
            throw new IllegalArgumentException("not JSON: " + where + e.getOriginalMessage(), e);
        }
    }
}
