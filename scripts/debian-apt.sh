# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# An apt of our own for another Debian release: its own lists, its own (almost) empty dpkg status, and the host's own mirror with
# the suite swapped. Signatures are checked against the host's Debian keyring. The host's apt and dpkg keep their state, and
# no root is needed. Needs say.sh and host-tools.sh, and the cache held.

# Debian 13 calls it .pgp and keeps the old name as a link.
debian_keyring=$set_up_root/usr/share/keyrings/debian-archive-keyring.gpg

# What maintainer scripts and seldom-used extras want, and an unpacked program does without. The private dpkg status calls these
# installed, so apt leaves out them and all that only they need: virtiofsd needs 6 packages instead of 23.
debian_never_needed=(adduser debconf initramfs-tools libdbd-sqlite3-perl libwww-curl-perl linux-base passwd perl systemd uidmap)

# Sets debian_mirror and debian_security_mirror (may be empty) to where the host gets Debian itself from. apt parses its own
# sources: one-line, deb822 and mirror lists alike. Others call their suite "bookworm" too; what tells Debian from them is the
# Release file's Origin or, on a host without package lists, the name of the file Debian's installer and images use.
find_debian_mirror() {
  # shellcheck disable=SC2016 # these are for apt to fill in
  local format='$(ORIGIN)|$(SOURCESENTRY)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)' known all targets suite
  debian_mirror='' debian_security_mirror=''
  [[ $(os_release ID) == debian ]] || return 1
  known=$(apt-get indextargets --format "$format" 'Created-By: Packages' 2> /dev/null || true)
  all=$(apt-get indextargets --no-release-info --format "$format" 'Created-By: Packages' 2> /dev/null || true)
  targets=$(grep '^Debian|' <<< "$known" || grep -E '/(sources\.list|debian\.sources):' <<< "$all" \
    || grep 'debian[^|]*$' <<< "$all" || true)
  suite="($(host_suite)|stable|oldstable|testing|unstable|sid)"
  debian_mirror=$(sed -nE "s/^.*\|$suite\|main\|//p" <<< "$targets" | sed -n 1p)
  debian_security_mirror=$(sed -nE "s/^.*\|$suite-security\|main\|//p" <<< "$targets" | sed -n 1p)
  [[ -n $debian_mirror ]]
}

# private_apt_source MIRROR SUITES
private_apt_source() {
  printf 'Types: deb\nTargets: Packages\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' "$1" "$2" "$debian_keyring"
}

# A release comes with its updates and security fixes, or an unpacked libc would stay without them. sid has neither.
private_apt_sources() {
  local suite=$1 base=${1%-backports} suites
  if [[ $suite == sid ]]; then
    private_apt_source "$debian_mirror" sid
    return
  fi
  suites="$base $base-updates"
  if [[ $suite != "$base" ]]; then suites+=" $suite"; fi
  private_apt_source "$debian_mirror" "$suites"
  if [[ -n $debian_security_mirror ]]; then private_apt_source "$debian_security_mirror" "$base-security"; fi
}

# What dpkg is told is installed already.
private_dpkg_status() {
  local package
  for package in "${debian_never_needed[@]}"; do
    printf 'Package: %s\nStatus: install ok installed\nArchitecture: %s\nMulti-Arch: foreign\n' "$package" "$1"
    printf 'Version: 9999:0\nMaintainer: nobody\nDescription: not needed\n\n'
  done
}

# The settings stand in a file, not in -o options, for only a file can #clear the host's hooks, which would act on the host.
private_apt_conf() {
  local suite=$1 architecture=$2 apt=$MICROVM_CACHE/debian/$1/apt release='' sandbox=root
  if [[ $suite == *-backports ]]; then release=$suite; fi # apt never chooses a backport by itself
  # apt hands downloads to its user _apt where that user can reach the folder; a home of mode 0700 is closed to it
  if [[ $(id -u) == 0 ]] && setpriv --reuid _apt --clear-groups test -x "$apt" 2> /dev/null; then
    sandbox=_apt
  fi
  cat << CONF
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::State::extended_states "$apt/extended_states";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "$apt";
Dir::Etc::sourcelist "$apt/empty/none";
Dir::Etc::sourceparts "$apt/sources";
Dir::Etc::preferences "$apt/empty/none";
Dir::Etc::preferencesparts "$apt/empty";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear APT::Architectures;
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Default-Release "$release";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Sandbox::User "$sandbox";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Update::Error-Mode "any";
CONF
}

# Makes the private state of SUITE and reads its package lists, once a run.
open_debian_release() {
  local suite=$1 apt=$MICROVM_CACHE/debian/$1/apt architecture
  [[ ${debian_opened:-} != *" $suite "* ]] || return 0
  find_debian_mirror || fail "no entry of apt's sources serves Debian, so nothing of Debian $suite can be fetched"
  [[ -r $debian_keyring ]] || fail "$debian_keyring is missing (package debian-archive-keyring); nothing is fetched unchecked"
  architecture=$(dpkg --print-architecture)

  rm -rf "$apt/sources"
  mkdir -p "$apt"/{lists,archives,sources,empty}
  private_apt_sources "$suite" > "$apt/sources/debian.sources"
  private_dpkg_status "$architecture" > "$apt/status"
  private_apt_conf "$suite" "$architecture" > "$apt/apt.conf"

  say "reading the package lists of Debian $suite"
  debian_apt "$suite" -qq update || fail "apt could not read Debian $suite from $debian_mirror (if it is the signature:" \
    "$debian_keyring, of the package debian-archive-keyring, may be too old)"
  debian_opened="${debian_opened:-} $suite "
}

# debian_apt SUITE ARGUMENT...: apt-get with the private state.
debian_apt() {
  local suite=$1
  shift
  apt-get -c "$MICROVM_CACHE/debian/$suite/apt/apt.conf" "$@" < /dev/null
}
