# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# virtiofsd, the Rust one. Needs debian-release.sh.

# Debian 12 has only the C program of QEMU 7.2. Both may be called /usr/lib/qemu/virtiofsd, so the path tells nothing and the
# version line everything: "virtiofsd 1.13.2", "virtiofsd backend 1.7.0" (Rust), "virtiofsd version 7.2.22 (Debian ..." (C).
rust_virtiofsd_version() {
  "$1" --version 2> /dev/null < /dev/null | sed -nE 's/^virtiofsd (backend )?([0-9][0-9.]*)$/\2/p'
}

# 1.13 is the first that can give all files to the caller, which is what a share does unless told otherwise.
is_new_enough_virtiofsd() {
  local major=${1%%.*} rest=${1#*.}
  ((major > 1 || (major == 1 && ${rest%%.*} >= 13)))
}

# Sets virtiofsd and virtiofsd_version to the first Rust virtiofsd from 1.13 on, in the order in which Java looks.
find_rust_virtiofsd() {
  local candidate
  virtiofsd='' virtiofsd_version=''
  for candidate in "${MICROVM_VIRTIOFSD:-}" "$(command -v virtiofsd || true)" \
    "$set_up_root"/usr/{libexec/virtiofsd,lib/virtiofsd,lib/qemu/virtiofsd} "$MICROVM_CACHE/bin/virtiofsd"; do
    [[ -x $candidate ]] || continue
    virtiofsd_version=$(rust_virtiofsd_version "$candidate")
    if [[ -n $virtiofsd_version ]] && is_new_enough_virtiofsd "$virtiofsd_version"; then
      virtiofsd=$candidate
      return
    fi
  done
  return 1
}

unpack_rust_virtiofsd() {
  local home
  unpack_debian_packages trixie virtiofsd
  # no epoch: a colon would split the loader's library path
  home=$MICROVM_CACHE/debian/trixie/virtiofsd-${debian_version#*:}
  move_into_cache "$unpacking" "$home/root"
  write_debian_launcher "$MICROVM_CACHE/bin/virtiofsd" "$home/root" usr/libexec/virtiofsd
  [[ -n $(rust_virtiofsd_version "$MICROVM_CACHE/bin/virtiofsd") ]] || fail "$MICROVM_CACHE/bin/virtiofsd does not run"
  say "unpacked virtiofsd $debian_version of Debian trixie into $home"
}
