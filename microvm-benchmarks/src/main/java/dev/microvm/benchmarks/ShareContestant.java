/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.benchmarks;

import dev.microvm.spec.CachePolicy;
import dev.microvm.spec.IdMap;
import dev.microvm.spec.NinePShare;
import dev.microvm.spec.Sandbox;
import dev.microvm.spec.Share;
import dev.microvm.spec.VirtiofsShare;
import java.nio.file.Path;
import java.util.List;

/**
 * One way to share the folder: what the host offers and how the guest mounts it. All of them share the same folder with the same guest.
 *
 * @param name for the tables
 * @param tag the mount tag, also the name of its mount point and of its folder for writing
 * @param share what is offered; mounted by the benchmark itself
 * @param mountOptions the guest's {@code -o}
 */
record ShareContestant(String name, String tag, Share share, String mountOptions) {
    static final String OUR_VIRTIOFS = "virtiofs, ours";
    static final String OUR_NINEP = "9p, ours";

    /** What virtme-ng asks for; the kernel's 9p client over virtio takes 512000 at most, so that is what both get. */
    private static final int VIRTME_MSIZE = 524_288;

    private static final int KERNEL_MSIZE = 512_000;
    private static final int PEER_MSIZE = 65_536;

    /**
     * {@return our defaults first, then those of the peers, as their generated command lines have them}
     *
     * @param source the folder
     * @param processors of the host: microvm.nix gives virtiofsd as many threads
     */
    static List<ShareContestant> of(Path source, int processors) {
        return List.of(
                new ShareContestant(OUR_VIRTIOFS, "ours-virtiofs", VirtiofsShare.of("ours-virtiofs", source), "rw"),
                new ShareContestant(
                        OUR_NINEP, "ours-9p", NinePShare.of("ours-9p", source), ninep(KERNEL_MSIZE) + ",cache=none"),
                virtiofs(
                        "virtiofs, microvm.nix",
                        "peer-virtiofs",
                        source,
                        Sandbox.NAMESPACE,
                        CachePolicy.AUTO,
                        "--posix-acl",
                        "--xattr",
                        "--thread-pool-size=" + processors,
                        "--inode-file-handles=prefer"),
                new ShareContestant(
                        "9p, microvm.nix",
                        "peer-9p",
                        NinePShare.builder()
                                .tag("peer-9p")
                                .source(source)
                                .msize(PEER_MSIZE)
                                .build(),
                        ninep(PEER_MSIZE)),
                virtiofs(
                        "virtiofs, virtme-ng",
                        "virtme-virtiofs",
                        source,
                        Sandbox.NONE,
                        CachePolicy.ALWAYS,
                        "--no-announce-submounts"),
                new ShareContestant(
                        "9p, virtme-ng",
                        "virtme-9p",
                        NinePShare.of("virtme-9p", source),
                        ninep(VIRTME_MSIZE) + ",access=any"));
    }

    private static ShareContestant virtiofs(
            String name, String tag, Path source, Sandbox sandbox, CachePolicy cache, String... arguments) {
        return new ShareContestant(
                name,
                tag,
                VirtiofsShare.builder()
                        .tag(tag)
                        .source(source)
                        .sandbox(sandbox)
                        .cache(cache)
                        .idMap(IdMap.IDENTITY)
                        .addExtraArguments(arguments)
                        .build(),
                "rw");
    }

    private static String ninep(int msize) {
        return "rw,trans=virtio,version=9p2000.L,msize=" + msize;
    }

    /** {@return the command by which the guest mounts it} */
    String mount() {
        return "mount -t " + (share instanceof NinePShare ? "9p" : "virtiofs") + " -o " + mountOptions + " " + tag + " "
                + mountPoint();
    }

    /** {@return where the guest mounts it} */
    String mountPoint() {
        return "/mnt/" + tag;
    }
}
