/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.internal.json;

import com.fasterxml.jackson.databind.JsonNode;

/** How values of one type are written and read. */
interface JsonType<T> {
    JsonNode write(T value);

    /**
     * Reads a value.
     *
     * @throws IllegalArgumentException if the node is not one, with its place
     */
    T read(JsonNode node, JsonPlace at);
}
