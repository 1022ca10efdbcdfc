/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Between JSON text and {@link JsonValue}; with {@link JsonStream} and {@link QmpWriter} all that knows Jackson. */
final class JsonFormat {
    /**
     * QEMU's own limit for the nesting of messages ({@code json-streamer.c}). What is deeper must not be sent: QEMU starts afresh in the
     * middle of it and answers with several errors without id, which would be taken for other commands.
     */
    static final int MAX_NESTING = 1024;

    /** What a server may send is limited by the message, with {@link QmpOptions#maxReplyBytes()}; the rest is in memory already. */
    private static final int MAX_STRING = Integer.MAX_VALUE;

    private static final int ABBREVIATED = 400;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(MAX_STRING)
                    .build())
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .build())
            // Jackson's default keeps its buffers in thread-locals, which would hold on to the class loader of an
            // unloaded plugin.
            .recyclerPool(JsonRecyclerPools.newBoundedPool(4))
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private JsonFormat() {}

    static JsonValue parse(String json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            JsonTree tree = new JsonTree();
            JsonValue value = null;
            while (parser.nextToken() != null) {
                if (value != null) {
                    throw new IllegalArgumentException("something follows the JSON value: " + abbreviate(json));
                }
                value = tree.take(parser);
            }
            if (value == null) {
                throw new IllegalArgumentException("no complete JSON value: " + abbreviate(json));
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage() + " in " + abbreviate(json), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String write(JsonValue value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            new QmpWriter(generator).value(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    static JsonGenerator generator(OutputStream out) throws IOException {
        return FACTORY.createGenerator(out);
    }

    static JsonParser nonBlockingParser() throws IOException {
        return FACTORY.createNonBlockingByteArrayParser();
    }

    /** For messages: enough to recognise a value, without its secrets. */
    static String abbreviate(@Nullable JsonValue value) {
        return abbreviate(
                value == null ? null : (Object) Redaction.redact(value).toString());
    }

    /** For messages: enough to recognise a value, never a megabyte. */
    static String abbreviate(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= ABBREVIATED ? text : text.substring(0, ABBREVIATED) + "...";
    }
}
