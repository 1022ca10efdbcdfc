/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.examples;

import dev.microvm.MicroVm;
import dev.microvm.guest.ExecRequest;
import dev.microvm.guest.ExecResult;
import dev.microvm.spec.AutoShare;
import dev.microvm.spec.BootSource;
import dev.microvm.spec.HostRoot;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Persistence;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.SecurityModel;
import dev.microvm.spec.Share;
import dev.microvm.spec.StoreOverlay;
import dev.microvm.spec.UpperLayer;
import dev.microvm.spec.VirtiofsShare;
import dev.microvm.spec.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Run in a {@link ChildJvm}, so that it can be another user's: starts a VM with shares, runs a script in it, prints what was chosen, what
 * the script wrote and its exit code, and shuts the VM down. Arguments: the file with the script; then for each share
 * {@code KIND,TAG,FOLDER,MOUNT POINT,rw|ro,ID}, where the kind may be {@code virtiofs/SANDBOX}; for each overlay on one of them
 * {@code overlay,LOWER,UPPER,MOUNT POINT}; and for each place where something is kept {@code keep,AT,USER,ID,PATH...}, the system's with an
 * empty user, a directory with a slash at its end, a file perhaps with a mode as in {@code .netrc=600}.
 */
final class GuestScriptProgram {
    private GuestScriptProgram() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, List<String>> parts = Stream.of(arguments).skip(1).collect(Collectors.groupingBy(text -> {
            String word = text.substring(0, text.indexOf(','));
            return word.equals("keep") || word.equals("overlay") ? word : "share";
        }));
        List<Persistence> kept = parts.getOrDefault("keep", List.of()).stream()
                .map(GuestScriptProgram::kept)
                .toList();
        VmSpec spec = VmSpec.builder()
                .name("script")
                .memoryMib(768)
                // The host's homes are private, and a guest's user needs one of his own.
                .boot(HostRoot.builder()
                        .from(BootSource.hostRoot())
                        .addAllEmptyFolders(kept.isEmpty() ? List.of() : List.of("/home"))
                        .build())
                .addAllShares(parts.getOrDefault("share", List.of()).stream()
                        .map(GuestScriptProgram::share)
                        .toList())
                .addAllStoreOverlays(parts.getOrDefault("overlay", List.of()).stream()
                        .map(GuestScriptProgram::overlay)
                        .toList())
                .addAllPersistence(kept)
                .build();
        try (MicroVm vm = MicroVm.start(spec)) {
            vm.choices().forEach(choice -> System.out.println("CHOICE " + choice));
            ExecResult result = vm.shell()
                    .exec(ExecRequest.builder()
                            .addCommand("sh", "-c", Files.readString(Path.of(arguments[0])))
                            .limit(Duration.ofMinutes(10))
                            .build());
            System.out.println(result.stdout());
            result.stderr().lines().forEach(line -> System.out.println("STDERR " + line));
            System.out.println("EXIT " + result.exitCode());
            System.out.println("STOPPED " + vm.shutdown(Duration.ofSeconds(60)).rung());
        }
    }

    private static Persistence kept(String text) {
        String[] words = text.split(",", -1);
        Persistence kept = Persistence.at(words[1]);
        for (String path : List.of(words).subList(4, words.length)) {
            int mode = path.indexOf('=');
            if (path.endsWith("/")) {
                kept = kept.directories(path.substring(0, path.length() - 1));
            } else if (mode < 0) {
                kept = kept.files(path);
            } else {
                kept = kept.file(path.substring(0, mode), Integer.parseInt(path.substring(mode + 1), 8));
            }
        }
        if (words[2].isEmpty()) {
            return kept;
        }
        return words[3].isEmpty() ? kept.ofUser(words[2]) : kept.ofUser(words[2], Integer.parseInt(words[3]));
    }

    private static StoreOverlay overlay(String text) {
        String[] words = text.split(",", -1);
        return StoreOverlay.builder()
                .lower(words[1])
                .upper(words[2])
                .upperLayer(UpperLayer.MOUNTED)
                .mountPoint(words[3])
                .build();
    }

    private static Share share(String text) {
        String[] words = text.split(",", -1);
        boolean readOnly = words[4].equals("ro");
        Path folder = Path.of(words[2]);
        String[] kind = words[0].split("/", 2);
        switch (kind[0]) {
            case "virtiofs":
            case "virtiofs-xattr":
                return VirtiofsShare.builder()
                        .from(VirtiofsShare.of(words[1], folder).mappingUser(Integer.parseInt(words[5])))
                        .mountPoint(words[3])
                        .readOnly(readOnly)
                        .xattr(kind[0].equals("virtiofs-xattr"))
                        .sandbox(kind.length > 1 ? Sandbox.valueOf(kind[1]) : Sandbox.AUTO)
                        .build();
            case "9p":
                return NinePShare.builder()
                        .tag(words[1])
                        .source(folder)
                        .mountPoint(words[3])
                        .readOnly(readOnly)
                        .build();
            case "mapped-xattr":
            case "mapped-file":
                return NinePShare.builder()
                        .tag(words[1])
                        .source(folder)
                        .mountPoint(words[3])
                        .securityModel(
                                words[0].equals("mapped-xattr")
                                        ? SecurityModel.MAPPED_XATTR
                                        : SecurityModel.MAPPED_FILE)
                        .fmode(0644)
                        .dmode(0755)
                        .build();
            case "auto":
                return AutoShare.builder()
                        .tag(words[1])
                        .source(folder)
                        .mountPoint(words[3])
                        .readOnly(readOnly)
                        .guestId(Integer.parseInt(words[5]))
                        .build();
            default:
                throw new IllegalArgumentException(text);
        }
    }
}
