/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls without a reply, in the order in which they were asked for: those that were sent, and those whose turn has not come. A call
 * that was sent and given up by its caller stays until its late reply arrives: its id must not be used again before, and the order of the
 * others counts on it.
 */
final class PendingCalls {
    private final Map<Integer, PendingCall> calls = new LinkedHashMap<>();
    private final Deque<PendingCall> unsent = new ArrayDeque<>();
    private final BitSet ids = new BitSet();
    private final BitSet sentIds = new BitSet();
    private int window = Integer.MAX_VALUE;
    private int sentInBand;
    private int sentDescriptors;
    private boolean closed;

    /** Lets at most so many in-band calls be without a reply; the others wait here. */
    synchronized void limitInBand(int limit) {
        window = limit;
    }

    /** Adds a call with the smallest free id (each digit costs QEMU about 4 us); empty when closed. */
    synchronized Optional<PendingCall> add(Outgoing outgoing) {
        if (closed) {
            return Optional.empty();
        }
        int id = ids.nextClearBit(0);
        PendingCall call = new PendingCall(id, outgoing);
        ids.set(id);
        calls.put(id, call);
        if (outgoing.outOfBand()) {
            unsent.addFirst(call);
        } else {
            unsent.addLast(call);
        }
        return Optional.of(call);
    }

    /**
     * Returns a call whose turn has come, and takes it for sent. Descriptors go one at a time: QEMU keeps only the last one that came,
     * and with out-of-band it reads the next command, and its descriptor, before it has run the one before.
     */
    synchronized Optional<PendingCall> nextToSend() {
        PendingCall next = unsent.peek();
        if (next == null || mustWait(next.outgoing())) {
            return Optional.empty();
        }
        unsent.remove();
        sentIds.set(next.id());
        next.sent().set(true);
        count(next.outgoing(), 1);
        return Optional.of(next);
    }

    private boolean mustWait(Outgoing outgoing) {
        return !outgoing.outOfBand()
                && (sentInBand >= window || (outgoing.descriptor().isPresent() && sentDescriptors > 0));
    }

    private void count(Outgoing outgoing, int change) {
        if (!outgoing.outOfBand()) {
            sentInBand += change;
        }
        if (outgoing.descriptor().isPresent()) {
            sentDescriptors += change;
        }
    }

    /** Takes the call of a reply; empty if none with this id was sent. */
    synchronized Optional<PendingCall> take(int id) {
        if (!sentIds.get(id)) {
            return Optional.empty();
        }
        PendingCall call = remove(id);
        count(call.outgoing(), -1);
        return Optional.of(call);
    }

    /**
     * Takes the call of a reply without id. QEMU answers what is in band in order, and its JSON parser, which says such things, does so in
     * band too: the one sent first.
     */
    synchronized Optional<PendingCall> takeOldest() {
        List<PendingCall> sent =
                calls.values().stream().filter(call -> sentIds.get(call.id())).toList();
        return sent.stream()
                .filter(call -> !call.outgoing().outOfBand())
                .findFirst()
                .or(() -> sent.stream().findFirst())
                .flatMap(call -> take(call.id()));
    }

    /** Takes back a call that was not sent; false if it was. */
    synchronized boolean withdraw(PendingCall call) {
        boolean waited = unsent.remove(call);
        if (waited) {
            remove(call.id());
        }
        return waited;
    }

    private PendingCall remove(int id) {
        PendingCall call = calls.remove(id);
        if (call == null) {
            throw new AssertionError("no call has the id " + id);
        }
        ids.clear(id);
        sentIds.clear(id);
        return call;
    }

    synchronized int size() {
        return calls.size();
    }

    synchronized int unsent() {
        return unsent.size();
    }

    /** Lets no more calls in and returns those that wait. */
    synchronized List<PendingCall> close() {
        closed = true;
        List<PendingCall> rest = new ArrayList<>(calls.values());
        calls.clear();
        unsent.clear();
        ids.clear();
        sentIds.clear();
        return rest;
    }
}
