# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# Packages of another Debian release, unpacked into the cache and never installed.
#
# apt does the work with a state of its own: its own lists, its own (almost) empty dpkg status, and the host's own mirror
# with the suite swapped. Signatures are checked against the host's Debian keyring. The host's apt, dpkg and libc are not
# touched, and no root is needed. Needs cache.sh and say.sh, and the cache held.

# Debian 13 calls it .pgp and keeps the old name as a link.
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

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
    [[ $(. /etc/os-release && printf '%s' "${ID:-}") == debian ]] || return 1
    known=$(apt-get indextargets --format "$format" 'Created-By: Packages' 2> /dev/null || true)
    all=$(apt-get indextargets --no-release-info --format "$format" 'Created-By: Packages' 2> /dev/null || true)
    targets=$(grep '^Debian|' <<< "$known" || grep -E '/(sources\.list|debian\.sources):' <<< "$all" \
        || grep 'debian[^|]*$' <<< "$all" || true)
    suite="($(host_suite)|stable|oldstable|testing|unstable|sid)"
    debian_mirror=$(sed -nE "s/^.*\|$suite\|main\|//p" <<< "$targets" | sed -n 1p)
    debian_security_mirror=$(sed -nE "s/^.*\|$suite-security\|main\|//p" <<< "$targets" | sed -n 1p)
    [[ -n $debian_mirror ]]
}

# The suites to ask for a release: its updates too, or an unpacked libc would stay without its fixes.
debian_suites() {
    case $1 in
        sid | unstable | experimental) printf 'sid %s' "${1#sid}" ;;
        *-backports) printf '%s %s-updates %s' "${1%-backports}" "${1%-backports}" "$1" ;;
        *) printf '%s %s-updates' "$1" "$1" ;;
    esac
}

# apt-get with the private state of SUITE. The settings stand in a file, not in -o options, for only a file can #clear the
# host's hooks: they would run as another user, or clean the host's own package cache.
debian_apt() {
    local suite=$1
    shift
    apt-get -c "$MICROVM_CACHE/debian/$suite/apt/apt.conf" "$@" < /dev/null
}

# Makes the private state of SUITE and fetches its package lists, once a run.
open_debian_release() {
    local suite=$1 base=${1%-backports} apt=$MICROVM_CACHE/debian/$1/apt architecture package
    [[ ${debian_opened:-} == *" $suite "* ]] && return
    find_debian_mirror || fail "no entry of apt's sources serves Debian, so nothing of Debian $suite can be fetched"
    [[ -r $debian_keyring ]] || fail "$debian_keyring is missing (package debian-archive-keyring); nothing is fetched unchecked"
    architecture=$(dpkg --print-architecture)

    mkdir -p "$apt"/{lists,archives,sources,empty}
    printf 'Types: deb\nTargets: Packages\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
        "$debian_mirror" "$(debian_suites "$suite")" "$debian_keyring" > "$apt/sources/debian.sources"
    if [[ -n $debian_security_mirror && $base != sid && $base != unstable && $base != experimental ]]; then
        printf 'Types: deb\nTargets: Packages\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
            "$debian_security_mirror" "$base-security" "$debian_keyring" > "$apt/sources/security.sources"
    fi
    for package in "${debian_never_needed[@]}"; do
        printf 'Package: %s\nStatus: install ok installed\nArchitecture: %s\nMulti-Arch: foreign\nVersion: 9999:0\nMaintainer: none\nDescription: not needed\n\n' \
            "$package" "$architecture"
    done > "$apt/status"
    write_apt_conf "$suite" "$architecture" > "$apt/apt.conf"

    say "reading the package lists of Debian $suite"
    debian_apt "$suite" -qq update || fail "apt could not read Debian $suite from $debian_mirror; where a signature is the trouble, $debian_keyring (package debian-archive-keyring) may be too old"
    debian_opened="${debian_opened:-} $suite "
}

write_apt_conf() {
    local suite=$1 architecture=$2 apt=$MICROVM_CACHE/debian/$1/apt release='' sandbox=root
    # backports are never chosen by themselves
    [[ $suite == *-backports ]] && release=$suite
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
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Update::Error-Mode "any";
CONF
}

# unpack_debian_packages SUITE PACKAGE...: these packages and every library they need, in a new folder $unpacking of the
# cache. Sets debian_version to the version of the first package.
unpack_debian_packages() {
    local suite=$1 first=$2 debs deb root
    shift
    open_debian_release "$suite"
    new_unpacking_folder
    root=$unpacking debs=$unpacking.debs
    mkdir -p "$debs/partial"
    debian_apt "$suite" -qq -y --download-only -o "Dir::Cache::archives=$debs" install "$@" \
        || fail "apt could not fetch $* of Debian $suite"
    debian_version=
    for deb in "$debs"/*.deb; do
        dpkg-deb -x "$deb" "$root"
        [[ ${deb##*/} == "${first}"_* ]] && debian_version=$(dpkg-deb -f "$deb" Version)
    done
    rm -rf "$debs"
    [[ -n $debian_version ]] || fail "apt fetched no $first of Debian $suite"
    # nobody updates these files, so none of them may lend its owner's rights
    find "$root" -perm /6000 -type f -exec chmod ug-s {} +
    # a whole system has these links from base-files; old and new releases differ in which of the two their files are in
    local folder
    for folder in bin sbin lib lib64; do
        if [[ -e $root/usr/$folder && ! -e $root/$folder ]]; then ln -s "usr/$folder" "$root/$folder"; fi
    done
}

# write_debian_launcher FILE ROOT PROGRAM: a small executable that runs PROGRAM (a path below ROOT) with ROOT's own loader
# and libraries. It execs, so the caller's child is the program itself. It finds ROOT from where it stands, so a cache may be moved.
write_debian_launcher() {
    local file=$1 root=$2 program=$3 loader='' libraries='' path
    for path in "$root"/lib64/ld-linux-*.so.* "$root"/lib/ld-linux-*.so.*; do
        if [[ -z $loader && -e $path ]]; then loader=${path#"$root"/}; fi
    done
    [[ -n $loader ]] || fail "no loader in $root; the packages unpacked there do not include libc6"
    for path in "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu; do
        if [[ -d $path && ! $path -ef ${path/#"$root"/"$root/usr"} ]]; then libraries+=:\$root/${path#"$root"/}; fi
    done
    mkdir -p "${file%/*}"
    cat > "$file.new" << LAUNCHER
#!/bin/sh
# Written by microvm's set-up: ${program##*/} of another Debian release, with that release's own loader and libraries.
root=\$(dirname "\$(readlink -f "\$0")")/$(realpath -m --relative-to="${file%/*}" "$root")
exec "\$root/$loader" --argv0 "\$0" --library-path "${libraries#:}" "\$root/$program" "\$@"
LAUNCHER
    chmod 0755 "$file.new"
    mv "$file.new" "$file"
}
