/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Cuts the bytes of a server into JSON values, wherever the reads happened to split or glue them. It goes by JSON and not by lines, for a
 * monitor with {@code pretty=on} sends many lines per message.
 */
final class JsonStream {
    private final JsonParser parser;
    private final ByteArrayFeeder feeder;
    private final JsonTree tree = new JsonTree();
    private final long maxMessageBytes;
    private long bytesOfMessage;

    JsonStream(long maxMessageBytes) throws IOException {
        this.maxMessageBytes = maxMessageBytes;
        this.parser = JsonFormat.nonBlockingParser();
        this.feeder = (ByteArrayFeeder) parser.getNonBlockingInputFeeder();
    }

    /**
     * Takes bytes and passes on each value they complete.
     *
     * @throws QmpProtocolException if the bytes are not JSON, or a message exceeds the limit (to within one read)
     */
    void feed(byte[] bytes, int length, Consumer<JsonValue> messages) {
        bytesOfMessage += length;
        try {
            feeder.feedInput(bytes, 0, length);
            while (parser.nextToken() != JsonToken.NOT_AVAILABLE) {
                JsonValue message = tree.take(parser);
                if (message != null) {
                    bytesOfMessage = 0;
                    messages.accept(message);
                }
            }
        } catch (JsonProcessingException e) {
            throw new QmpProtocolException("the server sent something that is not JSON: " + e.getOriginalMessage(), e);
        } catch (NumberFormatException e) {
            throw new QmpProtocolException("the server sent a number that nothing can hold: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new QmpProtocolException("the server sent something that cannot be read: " + e.getMessage(), e);
        }
        if (bytesOfMessage > maxMessageBytes) {
            throw new QmpProtocolException("the server sent a message of more than " + maxMessageBytes
                    + " bytes, the limit set by QmpOptions.maxReplyBytes");
        }
    }
}
