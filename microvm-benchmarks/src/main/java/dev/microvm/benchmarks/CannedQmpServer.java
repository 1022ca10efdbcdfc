/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A QMP server that costs next to nothing, so that what is left is the client's cost: it cuts the bytes it reads into messages, looks for
 * name and id, and answers with ready-made bytes. It runs in a JVM of its own, so that its processor time and heap are not the client's.
 *
 * <p>Beside {@code qmp_capabilities} and {@code query-status} it knows {@code x-previous}, which returns the bytes of the command before,
 * line end included, and {@code x-emit}, which sends {@code count} events {@code JOB_STATUS_CHANGE}, {@code per-second} of them each second
 * (0: as fast as it can), numbered by their id and ended by one whose id is {@code end}. All else is {@code CommandNotFound}.
 */
final class CannedQmpServer {
    /** What QEMU 7.2 says, byte for byte. */
    private static final String GREETING =
            "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, \"package\": \"canned\"},"
                    + " \"capabilities\": [\"oob\"]}}\r\n";

    private static final String STATUS =
            "{\"return\": {\"status\": \"prelaunch\", \"singlestep\": false, \"running\": false}, \"id\": ";
    private static final Pattern COUNT = Pattern.compile("\"count\": ?(\\d+)");
    private static final Pattern PER_SECOND = Pattern.compile("\"per-second\": ?(\\d+)");
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final SocketChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(64 << 10);
    private byte[] message = new byte[4 << 10];
    private int length;
    private String previous = "";

    private CannedQmpServer(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Serves until the standard input ends, which it does with the program that launched this one.
     *
     * @param arguments the path of the socket
     */
    public static void main(String[] arguments) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(Path.of(arguments[0])), 128);
            daemon(() -> accept(server));
            System.out.println("listening");
            while (System.in.read() >= 0) {
                // Nobody writes there.
            }
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "microvm-canned-qmp");
        thread.setDaemon(true);
        thread.start();
    }

    private static void accept(ServerSocketChannel server) {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                daemon(() -> serve(channel));
            }
        } catch (IOException e) {
            // The end: main has closed it.
        }
    }

    private static void serve(SocketChannel channel) {
        try (channel) {
            new CannedQmpServer(channel).converse();
        } catch (IOException e) {
            // A client that leaves with replies on the way is as good as any other.
        }
    }

    private void converse() throws IOException {
        send(GREETING);
        ByteBuffer in = ByteBuffer.allocateDirect(64 << 10);
        int depth = 0;
        boolean inString = false;
        boolean escaped = false;
        while (channel.read(in) >= 0) {
            in.flip();
            while (in.hasRemaining()) {
                byte next = in.get();
                if (length == message.length) {
                    message = Arrays.copyOf(message, 2 * length);
                }
                message[length++] = next;
                if (inString) {
                    inString = escaped || next != '"';
                    escaped = !escaped && next == '\\';
                } else if (next == '"') {
                    inString = true;
                } else if (next == '{') {
                    depth++;
                } else if (next == '}' && --depth == 0) {
                    answer(new String(message, 0, length, StandardCharsets.UTF_8));
                    length = 0;
                }
            }
            in.clear();
        }
    }

    private void answer(String command) throws IOException {
        String id = id(command);
        if (command.contains("\"query-status\"")) {
            send(STATUS + id + "}\r\n");
        } else if (command.contains("\"qmp_capabilities\"")) {
            send("{\"return\": {}, \"id\": " + id + "}\r\n");
        } else if (command.contains("\"x-previous\"")) {
            send("{\"return\": \""
                    + previous.replace("\"", "\\\"").replace("\r", "\\r").replace("\n", "\\n") + "\", \"id\": " + id
                    + "}\r\n");
        } else if (command.contains("\"x-emit\"")) {
            send("{\"return\": {}, \"id\": " + id + "}\r\n");
            emit(number(COUNT, command), number(PER_SECOND, command));
        } else {
            send("{\"id\": " + id + ", \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"canned\"}}\r\n");
        }
        previous = command;
    }

    /** {@return the id as it is written: what stands after the last such name, for no argument of these commands is called so} */
    private static String id(String command) {
        int name = command.lastIndexOf("\"id\":");
        return name < 0
                ? "null"
                : command.substring(name + 5, command.length() - 1).strip();
    }

    private static long number(Pattern pattern, String command) {
        Matcher matcher = pattern.matcher(command);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** One write for each event, as in QEMU. */
    private void emit(long count, long perSecond) throws IOException {
        long begin = System.nanoTime();
        for (long i = 0; i < count; i++) {
            if (perSecond > 0) {
                long due = begin + i * NANOS_PER_SECOND / perSecond;
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
            send(event("running", Long.toString(i)));
        }
        send(event("null", "end"));
    }

    private static String event(String status, String id) {
        Instant now = Instant.now();
        return "{\"timestamp\": {\"seconds\": " + now.getEpochSecond() + ", \"microseconds\": " + now.getNano() / 1000
                + "}, \"event\": \"JOB_STATUS_CHANGE\", \"data\": {\"status\": \"" + status + "\", \"id\": \"" + id
                + "\"}}\r\n";
    }

    private void send(String text) throws IOException {
        try {
            out.clear().put(text.getBytes(StandardCharsets.US_ASCII)).flip();
        } catch (BufferOverflowException e) {
            throw new UncheckedIOException(new IOException("a reply of " + text.length() + " bytes", e));
        }
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }
}
