/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm;

import dev.microvm.internal.json.SpecDocument;
import dev.microvm.spec.VmSpec;
import dev.microvm.spi.HostServiceProvider;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;

/**
 * The JSON form of a {@link VmSpec}, for files that people edit.
 *
 * <p>Members are named as the attributes are; enum constants are written in lower case with dashes, paths as texts; a choice between
 * kinds (the boot source, shares, interfaces, extensions) is told by a member {@code type}. Defaults are written out, so that a file
 * keeps its meaning when a default changes; they may be left out of what is read. Reading is strict: an unknown or repeated member is an
 * error that names its place and what is known there. {@code formatVersion} is 1.
 *
 * <pre>{@code
 * {
 *   "formatVersion" : 1,
 *   "boot" : { "type" : "host-root" },
 *   "shares" : [ { "type" : "9p", "tag" : "work", "source" : "/home/me/work", "mountPoint" : "/work" } ]
 * }
 * }</pre>
 */
public final class SpecJson {
    private SpecJson() {}

    /**
     * Writes a spec; the modules that understand its extensions are found.
     *
     * @param spec the spec
     * @return its JSON form, on several lines
     * @throws IllegalArgumentException if the module of an extension is absent; the message says which to add
     */
    public static String write(VmSpec spec) {
        return write(spec, found());
    }

    /**
     * Writes a spec.
     *
     * @param spec the spec
     * @param providers those who understand its extensions
     * @return its JSON form, on several lines
     * @throws IllegalArgumentException if none of them understands one of the extensions
     */
    public static String write(VmSpec spec, Iterable<? extends HostServiceProvider> providers) {
        return SpecDocument.write(spec, list(providers));
    }

    /**
     * Reads a spec; the modules that understand its extensions are found.
     *
     * @param json its JSON form
     * @return the spec
     * @throws IllegalArgumentException if the text is not JSON, has an unknown version, member or value, or breaks a rule of the spec;
     *     the message begins with the place, such as {@code $.shares[0].tag}
     */
    public static VmSpec read(String json) {
        return read(json, found());
    }

    /**
     * Reads a spec.
     *
     * @param json its JSON form
     * @param providers those who understand its extensions
     * @return the spec
     * @throws IllegalArgumentException as for {@link #read(String)}
     */
    public static VmSpec read(String json, Iterable<? extends HostServiceProvider> providers) {
        return SpecDocument.read(json, list(providers));
    }

    /** By this library's own class loader: the thread's is somebody else's within an IDE or an application server. */
    private static Iterable<HostServiceProvider> found() {
        return ServiceLoader.load(HostServiceProvider.class, HostServiceProvider.class.getClassLoader());
    }

    private static List<HostServiceProvider> list(Iterable<? extends HostServiceProvider> providers) {
        return StreamSupport.stream(providers.spliterator(), false)
                .map(HostServiceProvider.class::cast)
                .toList();
    }
}
