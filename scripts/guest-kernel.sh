# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# The guest's kernel: one of the host's, or Debian's, unpacked into the cache. Needs debian-release.sh.

# What the library's initramfs loads. Debian's -cloud- kernels have no 9p, which is why a host that has one still needs another.
guest_modules=(fs/9p/9p net/9p/9pnet_virtio fs/fuse/virtiofs fs/overlayfs/overlay
  drivers/virtio/virtio_mmio drivers/char/virtio_console)

# kernel_fits ROOT VERSION: /boot/vmlinuz-* is 0600 on some distributions, and built into the kernel is as good as a module.
kernel_fits() {
  local modules=$1/lib/modules/$2 module
  [[ -r $1/boot/vmlinuz-$2 && -r $modules/modules.dep ]] || return 1
  for module in "${guest_modules[@]}"; do
    grep -qs "^kernel/$module\.ko" "$modules/modules.dep" "$modules/modules.builtin" || return 1
  done
}

# Sets guest_kernel to the first kernel that fits, in the order in which Java looks.
find_guest_kernel() {
  local root kernel
  guest_kernel=
  for root in "${MICROVM_KERNEL_ROOT:-}" "$set_up_root" "$MICROVM_CACHE"/kernels/*; do
    for kernel in "$root"/boot/vmlinuz-*; do # nothing there: the pattern itself, which fits nothing
      if kernel_fits "$root" "${kernel##*/vmlinuz-}"; then
        guest_kernel=$kernel
        return
      fi
    done
  done
  return 1
}

# An unpacked package has no modules.dep; its maintainer script would have made it, with the depmod of the package kmod, on which
# the kernel depends. So that comes along, runs with its own libraries, and is thrown away.
unpack_guest_kernel() {
  local tree version
  unpack_debian_packages "$(host_suite)" "linux-image-$(dpkg --print-architecture)"
  tree=$unpacking
  version=$(basename "$tree"/boot/vmlinuz-*)
  version=${version#vmlinuz-}
  write_debian_launcher "$tree/depmod" "$tree" bin/kmod # it goes by the name it is called; sbin/depmod is a link to the host's
  "$tree/depmod" -b "$tree" "$version"
  kernel_fits "$tree" "$version" || fail "Debian's kernel $version lacks one of the modules ${guest_modules[*]##*/}"

  # /lib may be a link to /usr/lib here, and the rest of /usr is kmod's
  mkdir -p "$tree.kernel/lib"
  mv "$tree/boot" "$tree.kernel/boot"
  mv "$tree/lib/modules" "$tree.kernel/lib/modules"
  move_into_cache "$tree.kernel" "$MICROVM_CACHE/kernels/$version"
  rm -rf "$tree"
  say "unpacked Linux $version into $MICROVM_CACHE/kernels/$version"
}
