# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# The QEMU releases that the QMP model knows, beside the host's own: the tests of microvm-qmp run against each. Unpacked from
# Debian into the cache and run with their own libraries; nothing is installed. Needs debian-release.sh.

# release|Debian suite|version that the model was made from. A suite moves on; what it no longer serves is replaced by its newest.
qemu_releases=(
  '7.2|bookworm|1:7.2+dfsg-7+deb12u18+b3'
  '10.0|bookworm-backports|1:10.0.2+ds-2+deb13u1~bpo12+1'
  '11.1|sid|1:11.1.3+ds-1'
)
qemu_releases_purpose='speak the versions of QMP that the client is tested against'

# What a release is called from outside: this program runs it, and qemu-ga stands beside it.
qemu_of_release() {
  printf '%s/qemu/%s/qemu-system-x86_64' "$MICROVM_CACHE" "$1"
}

# Sets missing_qemu_releases to the entries that are not in the cache. The host's own QEMU is no substitute: it is of the release by
# accident, and its minor version is not known.
find_qemu_releases() {
  local entry program
  missing_qemu_releases=()
  for entry in "${qemu_releases[@]}"; do
    program=$(qemu_of_release "${entry%%|*}")
    [[ -x $program && -n $(program_version "$program") ]] || missing_qemu_releases+=("$entry")
  done
  ((${#missing_qemu_releases[@]} == 0))
}

unpack_missing_qemu_releases() {
  local entry release suite pinned
  for entry in "${missing_qemu_releases[@]}"; do
    IFS='|' read -r release suite pinned <<< "$entry"
    unpack_qemu_release "$release" "$suite" "$pinned"
  done
}

unpack_qemu_release() {
  local release=$1 suite=$2 pinned=$3 home launcher program
  unpack_debian_packages "$suite" qemu-system-x86 qemu-guest-agent
  if [[ $debian_version != "$pinned" ]]; then
    say "Debian $suite has QEMU $debian_version and no longer $pinned, from which the model was made; taking it"
  fi
  home=$MICROVM_CACHE/debian/$suite/qemu-${debian_version#*:}
  rm -rf "$home"
  move_into_cache "$unpacking" "$home/root"
  # Debian builds QEMU with fixed folders for firmware and modules, where the host has none or those of its own QEMU.
  # shellcheck disable=SC2016 # $root is for the launcher
  write_debian_launcher "$MICROVM_CACHE/qemu/$release/qemu-ga" "$home/root" usr/sbin/qemu-ga
  # The program comes last, for it is what find_qemu_releases looks at.
  # shellcheck disable=SC2016
  write_debian_launcher "$(qemu_of_release "$release")" "$home/root" usr/bin/qemu-system-x86_64 \
    'QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu' -L '$root/usr/share/qemu' -L '$root/usr/share/seabios'
  for program in "$(qemu_of_release "$release")" "$MICROVM_CACHE/qemu/$release/qemu-ga"; do
    [[ -n $(program_version "$program") ]] || fail "$program does not run"
  done
  say "unpacked QEMU $debian_version of Debian $suite into $home"
}
