/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.VmHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What has been unpacked into this user's cache, for those who use another. */
final class Unpacked {
    private Unpacked() {}

    /** {@return the overrides that name it} */
    static Map<String, String> variables() throws IOException {
        Map<String, String> variables = new LinkedHashMap<>();
        try (VmHost host = VmHost.create()) {
            Path virtiofsd = host.cacheFolder().resolve("bin/virtiofsd");
            if (Files.exists(virtiofsd)) {
                variables.put("MICROVM_VIRTIOFSD", virtiofsd.toString());
            }
            Path kernels = host.cacheFolder().resolve("kernels");
            if (Files.isDirectory(kernels)) {
                try (Stream<Path> found = Files.list(kernels)) {
                    found.findFirst().ifPresent(kernel -> variables.put("MICROVM_KERNEL_ROOT", kernel.toString()));
                }
            }
        }
        return variables;
    }
}
