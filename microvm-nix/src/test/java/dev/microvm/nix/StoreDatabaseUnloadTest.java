/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.nix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that has read a store can be unloaded: nothing in the JVM holds on to it, {@code DriverManager} least of all. */
class StoreDatabaseUnloadTest {
    @TempDir
    Path folder;

    @Test
    void theClassLoaderThatReadADatabaseIsCollected() throws Exception {
        SampleStore.create(folder).register(List.of(DumpRecord.sample('a', "one")));
        WeakReference<ClassLoader> loader = readWithALoaderOfItsOwn();
        long end = System.nanoTime() + 20_000_000_000L;
        while (loader.get() != null && System.nanoTime() < end) {
            System.gc();
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(loader.get()).isNull();
    }

    private WeakReference<ClassLoader> readWithALoaderOfItsOwn() throws Exception {
        String[] entries = System.getProperty("jdk.module.path").split(File.pathSeparator);
        URL[] urls = new URL[entries.length];
        for (int i = 0; i < entries.length; i++) {
            urls[i] = Path.of(entries[i]).toUri().toURL();
        }
        try (URLClassLoader loader = new URLClassLoader(urls, new JdkOnly())) {
            Class<?> storeClass = loader.loadClass("dev.microvm.nix.NixStore");
            assertThat(storeClass).isNotEqualTo(NixStore.class);
            Object store = storeClass.getMethod("privateStore", Path.class).invoke(null, folder);
            Object database = storeClass.getMethod("database").invoke(store);
            Object token = database.getClass().getMethod("token").invoke(database);
            assertThat(token.equals(database.getClass().getMethod("token").invoke(database)))
                    .isTrue();
            assertThat(database.getClass().getMethod("paths").invoke(database)).isEqualTo(1L);
            return new WeakReference<>(loader);
        }
    }

    /** The platform's own loader would give this test's modules too, for it knows the boot layer. */
    private static final class JdkOnly extends ClassLoader {
        JdkOnly() {
            super(null);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("java.") || name.startsWith("javax.")) {
                return getPlatformClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
