/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.function.Function;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** A plugin must be able to go: nothing may hold on to the class loader of a client that was closed. */
class QmpUnloadingTest extends AbstractSessionTest {
    @Override
    TransportKind transport() {
        return TransportKind.JDK;
    }

    @Test
    void leavesNothingThatHoldsItsClassLoader() throws Exception {
        server.on("hold");
        server.listen(folder.resolve("q"));
        WeakReference<ClassLoader> loader = useInALoaderOfItsOwn();
        long deadline = System.nanoTime() + LONG.toNanos();
        while (loader.get() != null) {
            assertThat(System.nanoTime())
                    .as("the class loader was not collected within " + LONG)
                    .isLessThan(deadline);
            System.gc();
        }
    }

    private WeakReference<ClassLoader> useInALoaderOfItsOwn() throws Exception {
        try (URLClassLoader loader = loaderOfItsOwn()) {
            assertThat(run(loader, UnloadableSession.class)).isEqualTo(true);
            return new WeakReference<>(loader);
        }
    }

    /** Here, for the module of the client that the other tests are in does not see java.util.logging. */
    @Test
    void logsTheTrafficWithoutItsSecretsThoughAnotherSinkFails() throws Exception {
        server.listen(folder.resolve("q"));
        try (URLClassLoader loader = loaderOfItsOwn()) {
            assertThat(run(loader, LoggedSession.class))
                    .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                    .contains(
                            "FINER logged SENT {\"execute\":\"set_password\",\"arguments\":{\"password\":\"***\"},\"id\":0}")
                    .anyMatch(line -> line.startsWith("FINER logged RECEIVED {\"QMP\""))
                    .noneMatch(line -> line.contains("geheim") || line.contains("quiet"));
        }
    }

    private Object run(ClassLoader loader, Class<?> session) throws Exception {
        Class<?> type = loader.loadClass(session.getName());
        assertThat(type).isNotEqualTo(session);
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        @SuppressWarnings("unchecked")
        Function<Path, Object> function = (Function<Path, Object>) constructor.newInstance();
        return function.apply(folder.resolve("q"));
    }

    private static URLClassLoader loaderOfItsOwn() throws Exception {
        // The test classes are patched into the module that they test, so their own place is not told.
        URL tests = Path.of(System.getProperty("basedir", "."), "target", "test-classes")
                .toUri()
                .toURL();
        return new URLClassLoader(
                new URL[] {location(QmpClient.class), location(JsonFactory.class), tests},
                // The platform's loader would find the packages of every module that was started with the JVM, the
                // client's too.
                null);
    }

    private static URL location(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
