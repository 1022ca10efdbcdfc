# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# The programs of the host: what is there, and apt for what is not. Needs say.sh.

# Where the host's files are looked for instead of in /: empty but in the tests of these scripts, which lay out a host of their own.
# Programs are found on PATH, and apt's sources by APT_CONFIG.
set_up_root=${MICROVM_SET_UP_ROOT:-}

# A variable left over from such a test must not pass unseen.
heed_set_up_root() {
  [[ -n $set_up_root ]] || return 0
  [[ $set_up_root == /* ]] || fail "MICROVM_SET_UP_ROOT is $set_up_root, but must be an absolute path"
  say "MICROVM_SET_UP_ROOT is set, so the host's files are looked for in $set_up_root instead of /"
}

# program|Debian package|what it is for
host_programs=(
  'qemu-system-x86_64|qemu-system-x86|runs the VMs'
  'busybox|busybox-static|is the shell of the guest until its own root is mounted; must be static'
  'nix|nix-bin|has the store that is shared with the guest'
  'setpriv|util-linux|ties the life of QEMU and virtiofsd to the VM'
  'setsid|util-linux|gives a VM a session of its own'
)
# What only the tests use.
verify_programs=(
  'qemu-system-aarch64|qemu-system-arm|checks the command lines of aarch64'
  'unshare|util-linux|gives tests their own namespaces'
  'depmod|kmod|checks what the library reads from modules.dep'
  'pgrep|procps|finds processes in guests, which have the programs of this host'
  'mkfs.ext4|e2fsprogs|makes file systems on disk images'
  'qemu-img|qemu-utils|makes disk images of the format qcow2'
  'newuidmap|uidmap|gives user namespaces the subordinate ids of a user'
  'shellcheck|shellcheck|checks the shell scripts'
  'systemd-analyze|systemd|reads and runs the mount units, in guests, which have the programs of this host'
  'udevadm|udev|names the disks in these guests'
)
# What only verify --full uses.
full_programs=(
  'python3|python3|runs qemu.qmp, with which the QMP client is compared'
  'stress-ng|stress-ng|puts shared folders under load, in guests, which have the programs of this host'
  'fio|fio|writes and verifies files in shared folders, in guests'
  'mkfs.xfs|xfsprogs|makes file systems on disk images'
  'mkfs.btrfs|btrfs-progs|makes file systems on disk images'
  'mkfs.vfat|dosfstools|makes file systems on disk images'
)

# Finds more than the caller's PATH: an ordinary user's has no /usr/sbin, and that of a script may lack Nix's own folders.
widen_path() {
  PATH=$PATH:$set_up_root/usr/sbin:$set_up_root/sbin:${HOME:-/nonexistent}/.nix-profile/bin:$set_up_root/nix/var/nix/profiles/default/bin
  export PATH
}

# Sets java_home to the JDK the build runs on and newest_jdk to the newest other one (or to nothing). 17 comes first, for
# it is what the library is built for; else the one nearest to it.
find_jdks() {
  local home feature listed
  listed=$(
    for home in "${JAVA_HOME:-}" "$(readlink -f "$(command -v javac)" | sed 's,/bin/javac$,,')" \
      "$set_up_root"/usr/lib/jvm/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/*; do
      [[ -x $home/bin/javac ]] || continue
      feature=$(sed -nE 's/^JAVA_VERSION="([0-9]+).*/\1/p' "$home/release" 2> /dev/null || true)
      if ((${feature:-0} >= 17)); then printf '%s %s\n' "$feature" "$(readlink -f "$home")"; fi
    done | sort -n -s -k1,1 | awk '!seen[$0]++'
  )
  java_home=$(sed -n '1s/^[0-9]* //p' <<< "$listed")
  newest_jdk=$(sed -n '$s/^[0-9]* //p' <<< "$listed")
  if [[ $newest_jdk == "$java_home" ]]; then newest_jdk=; fi
  [[ -n $java_home ]]
}

jdk_version() {
  sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$1/release"
}

# Needs java_home, for mvn is a Java program.
maven_version() {
  JAVA_HOME=$java_home mvn -B -v 2> /dev/null < /dev/null | sed -nE 's/.*Apache Maven ([0-9][0-9.]*).*/\1/p'
}

at_least() {
  [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | sed -n 1p) == "$2" ]]
}

# The first number a program says about itself. Plain busybox tells its version and fails.
program_version() {
  case $1 in
    busybox) busybox || true ;;
    mkfs.*) "$1" -V || true ;;
    *) "$1" --version || true ;;
  esac 2>&1 < /dev/null | sed -nE 's/^(mke2fs|[^0-9]*)[^0-9]*([0-9][0-9.]*).*/\2/p' | sed -n 1p
}

# A dynamic busybox starts on the host and dies in an initramfs that has no libc.
program_fits() {
  local path
  path=$(command -v "$1") || return 1
  [[ $1 != busybox ]] || ! ldd "$path" > /dev/null 2>&1
}

# Debian 13 and later have no JDK 17.
jdk_package() {
  case $(host_suite) in
    trixie | forky | duke | sid) printf default-jdk-headless ;;
    *) printf openjdk-17-jdk-headless ;;
  esac
}

host_has_apt() {
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null
}

# os_release NAME: what the host says about itself, or nothing.
os_release() {
  # shellcheck disable=SC1091 # the host's
  [[ ! -r $set_up_root/etc/os-release ]] || (. "$set_up_root/etc/os-release" && printf '%s' "${!1:-}")
}

# The suite of the host's own packages; nothing on a distribution without code names.
host_suite() {
  os_release VERSION_CODENAME
}

# Others may be using apt at the same time. apt waits for dpkg's lock when told to, but never for that of the lists.
install_host_packages() {
  local try
  for try in 1 2 3; do
    if apt-get -q -o Acquire::Retries=3 update < /dev/null; then break; fi
    [[ $try != 3 ]] || fail "apt-get update failed three times"
    sleep 10
  done
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
    install "$@" < /dev/null || fail "apt-get could not install $*"
}
