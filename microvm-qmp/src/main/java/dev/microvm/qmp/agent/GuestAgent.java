/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp.agent;

import dev.microvm.qmp.JsonValue;
import dev.microvm.qmp.QmpCancelledException;
import dev.microvm.qmp.QmpClosedException;
import dev.microvm.qmp.QmpErrorException;
import dev.microvm.qmp.QmpOptions;
import dev.microvm.qmp.QmpReader;
import dev.microvm.qmp.QmpTimeoutException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU guest agent, reached through a unix socket: that of a {@code -chardev socket} with {@code server=on} behind a virtio-serial port
 * named {@code org.qemu.guest_agent.0}, or the agent's own ({@code -m unix-listen}).
 *
 * <p>Any number of threads may use it; commands are sent one after the other. A guest restarts when it likes, so a lost connection is no
 * end: the next command makes a new one and synchronises first. A command itself is never sent twice. Where nothing else is said, a method
 * waits at most {@link QmpOptions#commandTimeout()}, all of that included, and throws what {@link #executeRaw(String, JsonValue.Obj)}
 * throws.
 */
public final class GuestAgent implements AutoCloseable {
    private static final Duration FIRST_POLL = Duration.ofMillis(5);
    private static final Duration LONGEST_POLL = Duration.ofMillis(250);

    private final AgentLink link;
    private final QmpOptions options;
    private volatile @Nullable Known known;

    /** What a connection's agent has said of itself. */
    private record Known(int connection, GuestInfo info) {}

    private GuestAgent(AgentLink link, QmpOptions options) {
        this.link = link;
        this.options = options;
    }

    /**
     * Connects and synchronises ({@code guest-sync-delimited}), asking again while the agent does not answer: it may not have been started yet,
     * or serve another client. A connection that ends is replaced by a new one.
     *
     * @param socket the socket file
     * @param options how to behave: of the options, those for events, traffic, schema and out-of-band mean nothing here
     * @return the agent, ready for commands
     * @throws dev.microvm.qmp.QmpClosedException if nobody listens there for {@link QmpOptions#socketWait()}, or another process than the
     *     expected one does
     * @throws QmpTimeoutException if the agent has not answered within {@link QmpOptions#connectTimeout()}
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws dev.microvm.qmp.QmpProtocolException if what answers is no guest agent
     * @throws IllegalArgumentException if the path has more than 107 bytes, the kernel's limit; with the JDK's sockets 106
     * @throws IllegalStateException if junixsocket was asked for and cannot be loaded, or {@link QmpOptions#expectedPeer()} cannot be checked
     */
    public static GuestAgent connect(Path socket, QmpOptions options) {
        AgentLink link = new AgentLink(socket, options);
        boolean success = false;
        try {
            link.sync(options.connectTimeout());
            success = true;
            return new GuestAgent(link, options);
        } finally {
            if (!success) {
                link.close();
            }
        }
    }

    /**
     * Executes any command.
     *
     * @param command its name, such as {@code guest-get-users}
     * @param arguments its arguments
     * @return what the agent returned
     * @throws dev.microvm.qmp.QmpErrorException if the agent refuses it
     * @throws dev.microvm.qmp.QmpUnsupportedException if the agent does not know the command, or does not allow it
     * @throws QmpTimeoutException if there is no reply within the limit
     * @throws dev.microvm.qmp.QmpClosedException if the connection ends before the reply, or this is closed
     * @throws QmpCancelledException if the calling thread was interrupted
     * @throws dev.microvm.qmp.QmpProtocolException if the reply has not the form that is expected
     */
    public JsonValue executeRaw(String command, JsonValue.Obj arguments) {
        return link.execute(command, arguments, options.commandTimeout());
    }

    private JsonValue execute(String command) {
        return executeRaw(command, JsonValue.Obj.EMPTY);
    }

    /**
     * Executes a command that is answered only if it fails ({@code success-response} false), such as those to shut down and to suspend.
     * Returns when the agent goes on without an error, the connection ends, or nothing is heard any more within the limit.
     *
     * @param command its name
     * @param arguments its arguments
     */
    public void executeWithoutReply(String command, JsonValue.Obj arguments) {
        link.tell(command, arguments, options.commandTimeout());
    }

    /** Makes sure that the agent is there, on a new connection if need be. */
    public void sync() {
        link.sync(options.commandTimeout());
    }

    /** Asks for a sign of life ({@code guest-ping}). */
    public void ping() {
        execute("guest-ping");
    }

    /**
     * Asks for the agent's version and commands ({@code guest-info}).
     *
     * @return what it can do
     */
    public GuestInfo info() {
        int connection = link.connections();
        GuestInfo info = GuestInfo.read(execute("guest-info"));
        known = new Known(connection, info);
        return info;
    }

    /**
     * Tells whether the agent knows and allows a command. It is asked once for each connection.
     *
     * @param command the command's name
     * @return true if it can be executed
     */
    public boolean supports(String command) {
        Known last = known;
        GuestInfo info = last != null && last.connection() == link.connections() ? last.info() : info();
        return Boolean.TRUE.equals(info.commands().get(command));
    }

    /**
     * Starts a program in the guest and waits for its end, at most {@link QmpOptions#commandTimeout()}.
     *
     * @param path the program, a path or a name to look for in the agent's {@code PATH}
     * @param args its arguments, without its name
     * @return how it ended, with its output
     * @throws QmpTimeoutException if its end is not known within the limit; it may run on in the guest
     */
    public GuestExecStatus run(String path, List<String> args) {
        return run(path, args, new byte[0], options.commandTimeout());
    }

    /**
     * Starts a program in the guest and waits for its end.
     *
     * @param path the program, a path or a name to look for in the agent's {@code PATH}
     * @param args its arguments, without its name
     * @param input what it reads from its standard input
     * @param limit how long that may take at most, from the command that starts it to the reply that tells of its end
     * @return how it ended, with its output
     * @throws QmpTimeoutException if its end is not known within the limit; it may run on in the guest. As every failure after its start,
     *     this names its process id
     */
    public GuestExecStatus run(String path, List<String> args, byte[] input, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        long pid = exec(path, args, List.of(), input, true, limit);
        String process = "process " + pid + " in the guest of " + link;
        Duration poll = FIRST_POLL;
        try {
            while (true) {
                Duration left = Duration.ofNanos(deadline - System.nanoTime());
                if (left.isNegative() || left.isZero()) {
                    throw new QmpTimeoutException("it has not ended", null);
                }
                GuestExecStatus status = execStatus(pid, left);
                if (status.exited()) {
                    return status;
                }
                Thread.sleep(Math.min(poll.toMillis(), left.toMillis()));
                poll = poll.multipliedBy(2).compareTo(LONGEST_POLL) < 0 ? poll.multipliedBy(2) : LONGEST_POLL;
            }
        } catch (InterruptedException | QmpCancelledException e) {
            Thread.currentThread().interrupt();
            throw new QmpCancelledException("interrupted while " + path + " runs, as " + process, e);
        } catch (QmpTimeoutException e) {
            throw new QmpTimeoutException(
                    path + " has not ended within " + limit + "; it may run on as " + process + ": " + e.getMessage(),
                    e);
        } catch (QmpClosedException e) {
            throw new QmpClosedException(path + " may run on as " + process + ": " + e.getMessage(), e);
        } catch (QmpErrorException e) {
            throw new QmpErrorException(link + ", asked for " + process + ",", e.command(), e.errorClass(), e.desc());
        }
    }

    /**
     * Starts a program in the guest and does not wait for it ({@code guest-exec}).
     *
     * @param path the program, a path or a name to look for in the agent's {@code PATH}
     * @param args its arguments, without its name
     * @param environment its environment as {@code NAME=value}; the agent's own if empty
     * @param input what it reads from its standard input
     * @param captureOutput whether to keep its output for {@link #execStatus}
     * @return its process id in the guest
     */
    public long exec(String path, List<String> args, List<String> environment, byte[] input, boolean captureOutput) {
        return exec(path, args, environment, input, captureOutput, options.commandTimeout());
    }

    private long exec(
            String path,
            List<String> args,
            List<String> environment,
            byte[] input,
            boolean captureOutput,
            Duration limit) {
        JsonValue.Obj arguments = JsonValue.Obj.EMPTY
                .with("path", path)
                .with("arg", strings(args))
                .with("capture-output", captureOutput);
        if (!environment.isEmpty()) {
            arguments = arguments.with("env", strings(environment));
        }
        if (input.length > 0) {
            arguments = arguments.with("input-data", Base64.getEncoder().encodeToString(input));
        }
        return QmpReader.of(link.execute("guest-exec", arguments, limit)).integer("pid");
    }

    private static JsonValue strings(List<String> texts) {
        return new JsonValue.Arr(
                texts.stream().<JsonValue>map(JsonValue.Str::new).toList());
    }

    /**
     * Asks for a program that was started ({@code guest-exec-status}). The agent forgets it once it has told of its end.
     *
     * @param pid its process id in the guest
     * @return how it stands
     */
    public GuestExecStatus execStatus(long pid) {
        return execStatus(pid, options.commandTimeout());
    }

    private GuestExecStatus execStatus(long pid, Duration limit) {
        return GuestExecStatus.read(link.execute("guest-exec-status", JsonValue.Obj.EMPTY.with("pid", pid), limit));
    }

    /**
     * Opens a file in the guest ({@code guest-file-open}).
     *
     * @param path its path
     * @param mode how, as for {@code fopen}: {@code r}, {@code w}, {@code a}, {@code r+} and so on
     * @return the file; close it when it is no longer needed
     */
    public GuestFile openFile(String path, String mode) {
        JsonValue handle = executeRaw(
                "guest-file-open", JsonValue.Obj.EMPTY.with("path", path).with("mode", mode));
        return new GuestFile(this, QmpReader.of(handle).integer());
    }

    /**
     * Asks for the operating system ({@code guest-get-osinfo}).
     *
     * @return what the guest knows of it
     */
    public GuestOsInfo osInfo() {
        return GuestOsInfo.read(execute("guest-get-osinfo"));
    }

    /**
     * Asks for the network interfaces ({@code guest-network-get-interfaces}).
     *
     * @return all of them, the loopback too
     */
    public List<GuestNetworkInterface> networkInterfaces() {
        return GuestNetworkInterface.readAll(execute("guest-network-get-interfaces"));
    }

    /**
     * Asks for the host name ({@code guest-get-host-name}).
     *
     * @return the name the guest has given itself
     */
    public String hostName() {
        return QmpReader.of(execute("guest-get-host-name")).string("host-name");
    }

    /**
     * Asks for the time ({@code guest-get-time}).
     *
     * @return the guest's clock
     */
    public Instant time() {
        long nanos = QmpReader.of(execute("guest-get-time")).integer();
        return Instant.EPOCH.plusNanos(nanos);
    }

    /**
     * Sets the guest's clock ({@code guest-set-time}), as after a migration or a pause.
     *
     * @param time the time; from 1677 to 2262, which is what 64 bits of nanoseconds hold
     * @throws IllegalArgumentException if it is out of that range
     */
    public void setTime(Instant time) {
        long nanos;
        try {
            nanos = Instant.EPOCH.until(time, ChronoUnit.NANOS);
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("no time that a guest can be set to: " + time, e);
        }
        executeRaw("guest-set-time", JsonValue.Obj.EMPTY.with("time", nanos));
    }

    /**
     * Asks whether the file systems are frozen ({@code guest-fsfreeze-status}).
     *
     * @return true if they are
     */
    public boolean isFrozen() {
        return QmpReader.of(execute("guest-fsfreeze-status")).string().equals("frozen");
    }

    /**
     * Flushes and freezes all file systems, for a snapshot that is consistent ({@code guest-fsfreeze-freeze}). Until {@link #thaw()} the
     * agent refuses most commands, and programs that write stand still.
     *
     * @return how many file systems are frozen
     */
    public long freeze() {
        return QmpReader.of(execute("guest-fsfreeze-freeze")).integer();
    }

    /**
     * Thaws what was frozen ({@code guest-fsfreeze-thaw}).
     *
     * @return how many file systems were thawed
     */
    public long thaw() {
        return QmpReader.of(execute("guest-fsfreeze-thaw")).integer();
    }

    /** Shuts the guest down and powers it off ({@code guest-shutdown}); see {@link #executeWithoutReply}. */
    public void shutdown() {
        shutdown("powerdown");
    }

    /** Restarts the guest ({@code guest-shutdown}); see {@link #executeWithoutReply}. */
    public void reboot() {
        shutdown("reboot");
    }

    private void shutdown(String mode) {
        executeWithoutReply("guest-shutdown", JsonValue.Obj.EMPTY.with("mode", mode));
    }

    /** Suspends the guest to memory ({@code guest-suspend-ram}); see {@link #executeWithoutReply}. */
    public void suspend() {
        executeWithoutReply("guest-suspend-ram", JsonValue.Obj.EMPTY);
    }

    /** Ends the connection; the agent runs on. Whoever waits for a reply is told at once. Closing again does nothing. */
    @Override
    public void close() {
        link.close();
    }

    @Override
    public String toString() {
        return "GuestAgent[" + link + "]";
    }
}
