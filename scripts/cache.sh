# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# The cache folder: where it is, who may write to it at a time, and how a folder comes into it all at once.

# A root caller's cache is not below /root: the library drops QEMU to an unprivileged user, who must be able to read the
# kernel and its modules. Java looks in the same place, for MICROVM_CACHE is exported.
choose_cache() {
  if [[ -z ${MICROVM_CACHE:-} ]]; then
    if [[ $(id -u) == 0 ]]; then
      MICROVM_CACHE=$set_up_root/var/cache/microvm
    else
      [[ -n ${XDG_CACHE_HOME:-}${HOME:-} ]] || fail 'HOME is not set; set it or MICROVM_CACHE'
      MICROVM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/microvm
    fi
  fi
  [[ $MICROVM_CACHE == /* ]] || fail "MICROVM_CACHE is $MICROVM_CACHE, but must be an absolute path"
  export MICROVM_CACHE
}

# Two set-ups at the same time: the second waits, then finds the work done. The lock dies with its holder, so a killed run
# leaves nothing to clean up but its half-unpacked folders, which the next holder removes.
hold_cache() {
  old_umask=$(umask)
  umask 022 # what is unpacked is read by the unprivileged user that QEMU is dropped to
  mkdir -p "$MICROVM_CACHE" || fail "cannot make $MICROVM_CACHE; set MICROVM_CACHE to a folder you may write to"
  { exec {cache_lock}> "$MICROVM_CACHE/set-up.lock"; } 2> /dev/null || fail "cannot write to $MICROVM_CACHE; set MICROVM_CACHE to another folder"
  if ! flock --nonblock "$cache_lock"; then
    say "another set-up is at work in $MICROVM_CACHE, waiting for it (at most 30 minutes)"
    flock --timeout 1800 "$cache_lock" || fail "gave up waiting for $MICROVM_CACHE/set-up.lock"
  fi
  rm -rf "$MICROVM_CACHE/unpacking"
}

# Closed by hand, or everything started later (Maven, Java, a VM) would inherit the lock and keep it.
release_cache() {
  rm -rf "$MICROVM_CACHE/unpacking"
  exec {cache_lock}>&-
  umask "$old_umask"
}

# An empty folder on the cache's own file system, so that move_into_cache is one rename. Only for the lock's holder.
new_unpacking_folder() {
  mkdir -p "$MICROVM_CACHE/unpacking"
  unpacking=$(mktemp -d "$MICROVM_CACHE/unpacking/XXXXXX")
  # mktemp makes it 0700, which would lock out the user that QEMU is dropped to
  chmod 0755 "$unpacking"
}

# A reader sees the whole folder or none of it. What is there already has been found unfit, or nothing would have been unpacked.
move_into_cache() {
  local from=$1 to=$2
  mkdir -p "${to%/*}"
  rm -rf "$to"
  mv -T "$from" "$to"
}
