/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.codegen;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a real QEMU for its QMP schema ({@code query-qmp-schema}; QEMU manual, "QEMU QMP Reference Manual"). The reply is QEMU's own text
 * and is not kept in the repository; what may be kept is a model of our own made from it.
 */
public final class SchemaCapture {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LIMIT_SECONDS = 20;

    private SchemaCapture() {}

    /**
     * What one QEMU said.
     *
     * @param version its version, such as {@code 7.2.22}
     * @param entries the schema's entries
     */
    public record Schema(String version, JsonNode entries) {
        /** {@return how many entries have a meta-type: {@code command}, {@code event}, {@code object}, ...} */
        public long count(String metaType) {
            long count = 0;
            for (JsonNode entry : entries) {
                if (entry.path("meta-type").asText().equals(metaType)) {
                    count++;
                }
            }
            return count;
        }
    }

    /**
     * Prints what a QEMU offers, and writes its schema where a second argument names a file.
     *
     * @param arguments QEMU's program, and perhaps a file to write
     * @throws IOException if QEMU cannot be run or does not answer
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.println(
                    "usage: SchemaCapture QEMU [FILE]   (QEMU: a qemu-system-* program; FILE: where its schema goes)");
            System.exit(2);
        }
        Schema schema = of(List.of(arguments[0]));
        for (String metaType : List.of("command", "event", "object", "enum", "array", "alternate")) {
            System.out.printf("%s %s: %d%n", schema.version(), metaType, schema.count(metaType));
        }
        if (arguments.length == 2) {
            Files.writeString(Path.of(arguments[1]), JSON.writeValueAsString(schema.entries()));
        }
    }

    /**
     * {@return the schema of the QEMU that a command starts}
     *
     * @param qemu the program, perhaps behind a loader of its own; machine and monitor are appended
     * @throws IOException if it cannot be run, does not connect within 20 seconds or does not answer within further 20
     * @throws InterruptedException if the thread is interrupted; QEMU is ended
     */
    public static Schema of(List<String> qemu) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("qmp-schema-");
        Path socket = folder.resolve("qmp.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            List<String> command = new ArrayList<>(qemu);
            command.addAll(List.of(
                    "-M",
                    "none",
                    "-nodefaults",
                    "-no-user-config",
                    "-display",
                    "none",
                    "-S",
                    "-qmp",
                    "unix:" + socket));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output").toFile())
                    .start();
            try (SocketChannel channel = accept(server, process, folder.resolve("output"))) {
                return askInTime(channel, Duration.ofSeconds(LIMIT_SECONDS));
            } finally {
                process.destroy();
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder.resolve("output"));
            Files.deleteIfExists(folder);
        }
    }

    private static SocketChannel accept(ServerSocketChannel server, Process process, Path output)
            throws IOException, InterruptedException {
        server.configureBlocking(false);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (System.nanoTime() < end) {
            SocketChannel channel = server.accept();
            if (channel != null) {
                channel.configureBlocking(true);
                return channel;
            }
            if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        "QEMU ended with exit code " + process.exitValue() + ": " + Files.readString(output));
            }
        }
        throw new IOException("QEMU did not connect within " + LIMIT_SECONDS + " s: " + Files.readString(output));
    }

    /** A channel that blocks knows no limit: closing it ends the read of the thread that asks. */
    static Schema askInTime(SocketChannel channel, Duration limit) throws IOException, InterruptedException {
        CompletableFuture<Schema> asked = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        asked.complete(ask(channel));
                    } catch (IOException | RuntimeException e) {
                        asked.completeExceptionally(e);
                    }
                },
                "microvm-schema-capture");
        thread.setDaemon(true);
        thread.start();
        try {
            return asked.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("QEMU did not answer within " + limit.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("QEMU did not answer as it should: " + e.getMessage(), e);
        } finally {
            channel.close();
            thread.join(TimeUnit.SECONDS.toMillis(5));
        }
    }

    private static Schema ask(SocketChannel channel) throws IOException {
        BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        JsonNode version = line(in).path("QMP").path("version").path("qemu");
        send(channel, "{\"execute\":\"qmp_capabilities\"}");
        line(in);
        send(channel, "{\"execute\":\"query-qmp-schema\"}");
        JsonNode reply = line(in);
        if (!reply.has("return")) {
            throw new IOException("no schema: " + reply);
        }
        return new Schema(
                version.path("major").asInt() + "." + version.path("minor").asInt() + "."
                        + version.path("micro").asInt(),
                reply.path("return"));
    }

    private static JsonNode line(BufferedReader in) throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("QEMU closed the connection");
        }
        return JSON.readTree(line);
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
