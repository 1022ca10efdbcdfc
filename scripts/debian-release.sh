# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared with the other files
# Packages of another Debian release, unpacked into the cache and never installed, and how to run them with their own libc.
# Needs debian-apt.sh and cache.sh, and the cache held.

# unpack_debian_packages SUITE PACKAGE...: these packages and every library they need, in a new folder $unpacking of the
# cache. Sets debian_version to the version of the first package.
unpack_debian_packages() {
  local suite=$1 first=$2 root debs deb folder
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
    if [[ ${deb##*/} == "${first}"_* ]]; then debian_version=$(dpkg-deb -f "$deb" Version); fi
  done
  rm -rf "$debs"
  [[ -n $debian_version ]] || fail "apt fetched no $first of Debian $suite"
  # nobody updates these files, so none of them may lend its owner's rights
  find "$root" -perm /6000 -type f -exec chmod ug-s {} +
  # a whole system has these links from base-files; old and new releases differ in which of the two their files are in
  for folder in bin sbin lib lib64; do
    if [[ -e $root/usr/$folder && ! -e $root/$folder ]]; then ln -s "usr/$folder" "$root/$folder"; fi
  done
}

# write_debian_launcher FILE ROOT PROGRAM [NAME=VALUE...] [ARGUMENT...]: a small executable that runs PROGRAM (a path below ROOT) with
# ROOT's own loader and libraries, with these variables and these arguments before the caller's; $root in them is ROOT. It execs,
# so the caller's child is the program itself. It finds ROOT from where it stands, so a cache may be moved.
write_debian_launcher() {
  local file=$1 root=$2 program=$3 loader='' libraries='' path variables='' arguments=''
  shift 3
  while [[ ${1:-} =~ ^[A-Z_]+= ]]; do
    variables+="${1%%=*}=\"${1#*=}\" "
    shift
  done
  if (($# > 0)); then arguments=$(printf ' "%s"' "$@"); fi
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
${variables}exec "\$root/$loader" --argv0 "\$0" --library-path "${libraries#:}" "\$root/$program"$arguments "\$@"
LAUNCHER
  chmod 0755 "$file.new"
  mv "$file.new" "$file"
}
