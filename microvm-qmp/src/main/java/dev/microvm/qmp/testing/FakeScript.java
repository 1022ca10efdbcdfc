/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.testing;

import dev.microvm.qmp.QmpData;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * What the fake does when a command comes: steps, taken in the order in which they were added. Other commands wait meanwhile, as QEMU lets
 * them wait. Without a step the command is never answered, and the next one is.
 */
public final class FakeScript {
    private final List<Consumer<FakeRequest>> steps = new CopyOnWriteArrayList<>();

    FakeScript() {}

    void run(FakeRequest request) {
        steps.forEach(step -> step.accept(request));
    }

    /**
     * Adds a step of one's own: look at the command, answer it or keep it to answer later.
     *
     * @param step runs on the thread of the fake; what it throws drops the connection and is thrown again by {@link FakeQmpServer#close()}
     * @return this
     */
    public FakeScript answer(Consumer<FakeRequest> step) {
        steps.add(step);
        return this;
    }

    /**
     * Answers with the empty object, as commands without a result do.
     *
     * @return this
     */
    public FakeScript reply() {
        return answer(FakeRequest::reply);
    }

    /**
     * Answers.
     *
     * @param result a {@link dev.microvm.qmp.JsonValue} or a generated type
     * @return this
     */
    public FakeScript reply(QmpData result) {
        return answer(request -> request.reply(result));
    }

    /**
     * Refuses the command.
     *
     * @param errorClass the class, such as {@code GenericError}
     * @param desc what a person is told
     * @return this
     */
    public FakeScript error(String errorClass, String desc) {
        return answer(request -> request.error(errorClass, desc));
    }

    /**
     * Refuses the command as QEMU does what its JSON parser does not understand: the client is not told what is refused.
     *
     * @param desc what a person is told
     * @return this
     */
    public FakeScript errorWithoutId(String desc) {
        return answer(request -> request.errorWithoutId(desc));
    }

    /**
     * Reports an event; before {@link #reply()} for one that comes between command and reply.
     *
     * @param event the name, such as {@code DEVICE_DELETED}
     * @param data a {@link dev.microvm.qmp.JsonValue} or a generated type
     * @return this
     */
    public FakeScript emit(String event, QmpData data) {
        return answer(request -> request.emit(event, data));
    }

    /**
     * Sends any text, JSON or not.
     *
     * @param text as it is, without a line end of its own
     * @return this
     */
    public FakeScript send(String text) {
        return answer(request -> request.send(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Waits; closing the fake ends the wait.
     *
     * @param time how long
     * @return this
     */
    public FakeScript delay(Duration time) {
        return answer(request -> request.connection().pause(time));
    }

    /**
     * Answers nothing any more to this client, as a QEMU whose main loop is stuck. What it sends is still taken down.
     *
     * @return this
     */
    public FakeScript hang() {
        return answer(request -> request.connection().hang());
    }

    /**
     * Drops the connection to the client. A fake that listens goes on with the next one.
     *
     * @return this
     */
    public FakeScript thenDisconnect() {
        return answer(request -> request.connection().close());
    }
}
