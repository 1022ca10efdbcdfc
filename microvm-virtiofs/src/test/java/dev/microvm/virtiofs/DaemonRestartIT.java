/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.virtiofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spi.SupervisedProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two reasons to start the real daemon again, at once. */
@Timeout(60)
class DaemonRestartIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path temp;

    private LifelineContext context;
    private VirtiofsShare share;
    private final AtomicInteger spawned = new AtomicInteger();
    private final CountDownLatch second = new CountDownLatch(2);
    private final AtomicReference<Runnable> atNextLook = new AtomicReference<>(() -> {});

    @BeforeEach
    void start() throws Exception {
        context = new LifelineContext(temp);
        share = VirtiofsShare.of("home", Files.createDirectory(temp.resolve("home")));
        context.realVirtiofsd();
    }

    @AfterEach
    void close() {
        context.close();
    }

    /** The place of a VM's daemon, in which something can happen just when the socket is looked for. */
    private DaemonHome home() {
        DaemonHome real = DaemonHome.of(context, share);
        return new DaemonHome() {
            @Override
            public Path socket() {
                atNextLook.getAndSet(() -> {}).run();
                return real.socket();
            }

            @Override
            public Map<String, String> environment() {
                return real.environment();
            }

            @Override
            public Path cacheFolder() {
                return real.cacheFolder();
            }

            @Override
            public OptionalInt qemuUid() {
                return real.qemuUid();
            }

            @Override
            public SupervisedProcess spawn(String name, List<String> command, Map<String, String> variables)
                    throws InterruptedException {
                spawned.incrementAndGet();
                second.countDown();
                return real.spawn(name, command, variables);
            }

            @Override
            public void close() {
                real.close();
            }
        };
    }

    private void killAndAwaitTheRestart() {
        try {
            long pid = PidFile.read(PidFile.of(context.socketOf(share))).orElseThrow();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            assertThat(second.await(10, TimeUnit.SECONDS))
                    .as("it is started again")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** It was started twice, at one socket: once because its socket had gone, and once because it had ended a moment later. */
    @Test
    void aDaemonThatEndsWhileItsSocketIsMissedIsStartedAgainOnce() throws Exception {
        try (Virtiofsd daemon = new Virtiofsd(share, home(), Caller.current())) {
            daemon.start(LIMIT);
            Files.delete(context.socketOf(share));
            atNextLook.set(this::killAndAwaitTheRestart);

            daemon.beforeQemu(LIMIT);

            assertThat(spawned).hasValue(2);
            assertThat(context.socketOf(share)).exists();
            assertThat(daemon.died().toCompletableFuture()).isNotDone();
        }
        assertThat(temp.resolve("sockets")).isEmptyDirectory();
    }
}
