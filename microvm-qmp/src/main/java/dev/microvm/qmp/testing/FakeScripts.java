/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpVersion;
import dev.microvm.qmp.QmpWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the fake was told to do, and what it was sent. */
final class FakeScripts {
    private static final byte[] DELIMITER = {(byte) 0xFF};

    private final Map<String, FakeScript> always = new ConcurrentHashMap<>();
    private final Map<String, Queue<FakeScript>> once = new ConcurrentHashMap<>();
    private final BlockingQueue<FakeRequest> notAwaited = new LinkedBlockingQueue<>();
    private final List<FakeRequest> requests = new CopyOnWriteArrayList<>();
    private final List<String> received = new CopyOnWriteArrayList<>();

    void likeQemu(Supplier<QmpVersion> version) {
        on("qmp_capabilities").reply();
        on("query-status").reply(JsonValue.parse("{\"running\":true,\"status\":\"running\"}"));
        on("query-version").answer(request -> request.reply(FakeText.of(version.get())));
        on("stop").emit("STOP", JsonValue.Obj.EMPTY).reply();
        on("cont").emit("RESUME", JsonValue.Obj.EMPTY).reply();
        on("quit")
                .emit("SHUTDOWN", JsonValue.parse("{\"guest\":false,\"reason\":\"host-qmp-quit\"}"))
                .reply()
                .thenDisconnect();
    }

    void likeAGuestAgent() {
        on("guest-ping").reply();
        on("guest-sync").answer(FakeScripts::sync);
        on("guest-sync-delimited").answer(request -> request.send(DELIMITER)).answer(FakeScripts::sync);
        on("guest-info").answer(request -> request.reply(guestInfo()));
    }

    private static void sync(FakeRequest request) {
        request.reply(request.arguments().find("id").orElse(JsonValue.Null.NULL));
    }

    private JsonValue.Obj guestInfo() {
        return QmpWriter.object(out -> {
            out.member("version", "11.1.3").name("supported_commands").beginArray();
            for (String name : always.keySet()) {
                boolean answers = !name.equals("guest-shutdown") && !name.startsWith("guest-suspend-");
                out.value(JsonValue.Obj.EMPTY
                        .with("name", name)
                        .with("enabled", true)
                        .with("success-response", answers));
            }
            out.endArray();
        });
    }

    FakeScript on(String command) {
        FakeScript script = new FakeScript();
        always.put(command, script);
        return script;
    }

    FakeScript once(String command) {
        FakeScript script = new FakeScript();
        once.computeIfAbsent(command, name -> new ConcurrentLinkedQueue<>()).add(script);
        return script;
    }

    /** What to do about a command; null if nothing was said. */
    @Nullable
    FakeScript of(String command) {
        Queue<FakeScript> next = once.get(command);
        FakeScript script = next == null ? null : next.poll();
        return script == null ? always.get(command) : script;
    }

    void note(String message) {
        received.add(message);
    }

    void note(FakeRequest request) {
        requests.add(request);
        notAwaited.add(request);
    }

    FakeRequest await(String command, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                FakeRequest request = notAwaited.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (request == null) {
                    throw new AssertionError("no " + command + " within " + limit + "; received: " + received);
                }
                if (request.command().equals(command)) {
                    return request;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + command, e);
        }
    }

    List<FakeRequest> requests() {
        return List.copyOf(requests);
    }

    List<String> received() {
        return List.copyOf(received);
    }
}
