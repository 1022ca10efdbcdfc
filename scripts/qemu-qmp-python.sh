# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# qemu.qmp, QEMU's own QMP client for Python: the peer of QmpBenchmark. Needs debian-apt.sh and cache.sh.

qemu_qmp_version=0.0.6
qemu_qmp_purpose='is what the QMP client is compared with'

# What Java is given; it holds the package qemu.
qemu_qmp_folder() {
  printf '%s/python/qemu-qmp' "$MICROVM_CACHE"
}

# The host's Python runs it, for it is pure Python; so it is found only where there is one.
find_qemu_qmp() {
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(qemu_qmp_folder) python3 -c 'import qemu.qmp' 2> /dev/null < /dev/null
}

# Without what it depends on, which is a Python: unpack_debian_packages would bring sid's.
unpack_qemu_qmp() {
  local deb version
  open_debian_release sid
  new_unpacking_folder
  # apt checks the package against the signed lists whoever downloads it, and its user _apt may not write here
  (cd "$unpacking" && debian_apt sid -qq -o APT::Sandbox::User=root download python3-qemu-qmp) \
    || fail 'apt could not fetch python3-qemu-qmp of Debian sid'
  deb=$(printf '%s\n' "$unpacking"/*.deb)
  version=$(dpkg-deb -f "$deb" Version)
  dpkg-deb -x "$deb" "$unpacking/root"
  if [[ $version != "$qemu_qmp_version"-* ]]; then
    say "Debian sid has qemu.qmp $version and no longer $qemu_qmp_version, of which the figures are; taking it"
  fi
  move_into_cache "$unpacking/root/usr/lib/python3/dist-packages" "$(qemu_qmp_folder)"
  find_qemu_qmp || fail "qemu.qmp does not run with $(command -v python3)"
  say "unpacked qemu.qmp $version of Debian sid into $(qemu_qmp_folder)"
}
