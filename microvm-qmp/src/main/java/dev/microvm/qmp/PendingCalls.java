/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls that wait for a reply, in the order in which they were sent. A call given up by its caller stays until its late reply
 * arrives: its id must not be used again before, and the order of the others counts on it.
 */
final class PendingCalls {
    private final Map<Integer, PendingCall> calls = new LinkedHashMap<>();
    private final BitSet ids = new BitSet();
    private boolean closed;

    /** Adds a call with the smallest free id (each digit costs QEMU about 4 us); empty when closed. */
    synchronized Optional<PendingCall> add(String command) {
        if (closed) {
            return Optional.empty();
        }
        int id = ids.nextClearBit(0);
        PendingCall call = new PendingCall(id, command);
        ids.set(id);
        calls.put(id, call);
        return Optional.of(call);
    }

    synchronized Optional<PendingCall> take(int id) {
        PendingCall call = calls.remove(id);
        ids.clear(id);
        return Optional.ofNullable(call);
    }

    /** Takes the call sent first: the server answers in order, so a reply without id is for this one. */
    synchronized Optional<PendingCall> takeOldest() {
        return calls.isEmpty()
                ? Optional.empty()
                : take(calls.keySet().iterator().next());
    }

    synchronized int size() {
        return calls.size();
    }

    /** Lets no more calls in and returns those that wait. */
    synchronized List<PendingCall> close() {
        closed = true;
        List<PendingCall> rest = new ArrayList<>(calls.values());
        calls.clear();
        ids.clear();
        return rest;
    }
}
