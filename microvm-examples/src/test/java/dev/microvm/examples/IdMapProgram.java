/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.MicroVm;
import dev.microvm.guest.GuestShell;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.IdRange;
import dev.microvm.spec.IdTranslation;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Run in a {@link ChildJvm}: shares folders by the maps of ids that its arguments name, and says what root and a user of the guest may do there. */
final class IdMapProgram {
    /** The caller is the guest's 1000, both ways; other ids are themselves, which only root could give. */
    private static final List<IdTranslation> ONE =
            List.of(IdTranslation.parse("map:1000:" + UnprivilegedCaller.UID + ":1"));

    private static final Map<String, IdMap> MAPS = Map.of(
            "subordinate", IdMap.subordinateAs(1000),
            "caller", IdMap.callerAs(1000),
            "namespace", IdMap.namespace(List.of(IdRange.parse(":1000:%U:1:")), List.of(IdRange.parse(":1000:%G:1:"))),
            "translating", IdMap.translating(ONE, ONE));

    private IdMapProgram() {}

    public static void main(String[] arguments) {
        VmSpec.Builder spec = VmSpec.builder().name("owners").memoryMib(512).boot(BootSource.hostRoot());
        List<String> names = List.of(arguments).subList(1, arguments.length);
        for (String name : names) {
            spec.addShares(VirtiofsShare.builder()
                    .tag(name)
                    .source(Path.of(arguments[0], name))
                    .mountPoint("/mnt/" + name)
                    .idMap(MAPS.get(name))
                    .build());
        }
        try (MicroVm vm = MicroVm.start(spec.build())) {
            names.forEach(name -> System.out.println(name + ": " + look(vm.shell(), "/mnt/" + name)));
        }
        System.out.flush();
    }

    private static String look(GuestShell shell, String folder) {
        int root = shell.sh("echo x > " + folder + "/root").exitCode();
        int user = shell.exec(
                        "setpriv",
                        "--reuid=1000",
                        "--regid=1000",
                        "--clear-groups",
                        "sh",
                        "-c",
                        "echo x > " + folder + "/user")
                .exitCode();
        String owner = shell.sh("stat -c %u:%g " + folder + "/user").stdout().strip();
        int chown = shell.sh("chown 5:5 " + folder + "/user").exitCode();
        return "root " + (root == 0 ? 0 : 1) + ", user " + (user == 0 ? 0 : 1) + ", owner " + owner + ", chown "
                + (chown == 0 ? 0 : 1);
    }
}
