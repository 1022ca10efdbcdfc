/* SPDX-License-Identifier: Apache-2.0 */
package dev.microvm.spec;

/** A file system of a {@link Volume}: made by a program of the host, mounted by the guest's kernel. */
public enum FileSystem {
    /** Made by {@code mkfs.ext2}; without a journal: a guest that is killed leaves it to be checked. */
    EXT2("ext2", 16, 1, "e2fsprogs"),
    /** Made by {@code mkfs.ext3}. */
    EXT3("ext3", 16, 4, "e2fsprogs"),
    /** Made by {@code mkfs.ext4}. */
    EXT4("ext4", 16, 4, "e2fsprogs"),
    /** Made by {@code mkfs.xfs}, which wants 300 MiB since xfsprogs 5.19. */
    XFS("xfs", 12, 300, "xfsprogs"),
    /** Made by {@code mkfs.btrfs}. */
    BTRFS("btrfs", 255, 128, "btrfs-progs"),
    /** Made by {@code mkfs.vfat}; it knows no owners and no modes, and cannot be the upper layer of an overlay. */
    VFAT("vfat", 11, 1, "dosfstools");

    private final String kernelName;
    private final int maxLabelBytes;
    private final int minMib;
    private final String debianPackage;

    FileSystem(String kernelName, int maxLabelBytes, int minMib, String debianPackage) {
        this.kernelName = kernelName;
        this.maxLabelBytes = maxLabelBytes;
        this.minMib = minMib;
        this.debianPackage = debianPackage;
    }

    /** {@return the name by which {@code mount -t} knows it, which follows {@code mkfs.} in the name of the program that makes it} */
    public String kernelName() {
        return kernelName;
    }

    /** {@return how many bytes a label may have (mke2fs(8), mkfs.xfs(8), mkfs.btrfs(8), mkfs.fat(8))} */
    public int maxLabelBytes() {
        return maxLabelBytes;
    }

    /** {@return the size in MiB below which the program refuses to make one} */
    public int minMib() {
        return minMib;
    }

    /** {@return the Debian package of the program that makes it} */
    public String debianPackage() {
        return debianPackage;
    }
}
