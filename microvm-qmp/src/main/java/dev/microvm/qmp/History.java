/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last things that happened on a connection. */
final class History {
    private static final int SIZE = 256;

    private final Deque<QmpHistoryEntry> entries = new ArrayDeque<>();

    synchronized void add(QmpHistoryEntry.Kind kind, String name, String detail) {
        if (entries.size() == SIZE) {
            entries.removeFirst();
        }
        entries.addLast(new QmpHistoryEntry(Instant.now(), kind, name, detail));
    }

    synchronized List<QmpHistoryEntry> entries() {
        return List.copyOf(entries);
    }

    /** Says what QEMU did last, for messages. */
    synchronized String lastObserved() {
        for (var newestFirst = entries.descendingIterator(); newestFirst.hasNext(); ) {
            QmpHistoryEntry entry = newestFirst.next();
            if (entry.kind() != QmpHistoryEntry.Kind.COMMAND) {
                return "last observed: " + entry.describe();
            }
        }
        return "nothing was received before";
    }
}
