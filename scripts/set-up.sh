# shellcheck shell=bash
# What quickstart and verify begin with: take stock, say the plan, carry it out, take stock again.

. scripts/say.sh
. scripts/cache.sh
. scripts/host-tools.sh
. scripts/debian-apt.sh
. scripts/debian-release.sh
. scripts/guest-kernel.sh
. scripts/rust-virtiofsd.sh
. scripts/qemu-releases.sh
. scripts/qemu-qmp-python.sh

# These two are not in host_programs, for they are unpacked rather than installed.
kernel_purpose='boots in the guests; needs the modules 9p, 9pnet_virtio, virtiofs, overlay, virtio_mmio, virtio_console'
virtiofsd_purpose='shares folders with a guest; the C program of QEMU 7.2 is not enough'

declare -A told=()

# Stock is taken twice; what has not changed is not said again.
found() {
  [[ -n ${told[$1]:-} ]] || say "found $1"
  told[$1]=1
}

# missing WHAT PACKAGE PURPOSE
missing() {
  missing_packages+=("$2")
  missing_lines+=("$1 (Debian package $2): $3")
}

take_stock() {
  local version entry program package purpose
  missing_packages=() missing_lines=()

  if find_jdks; then
    export JAVA_HOME=$java_home
    found "JDK $(jdk_version "$java_home") ($java_home)"
    if [[ -n $newest_jdk ]]; then found "JDK $(jdk_version "$newest_jdk") ($newest_jdk), the newest other one"; fi
  else
    missing 'a JDK of 17 or later' "$(jdk_package)" 'builds and runs the library'
  fi

  if ! command -v mvn > /dev/null; then
    missing 'Maven 3.8 or later' maven 'builds the library'
  elif [[ -n $java_home ]]; then # without Java it cannot tell its version; the second look will see
    version=$(maven_version || true)
    if [[ -n $version ]] && at_least "$version" 3.8; then
      found "Maven $version ($(command -v mvn))"
    else
      missing "Maven 3.8 or later ($(command -v mvn) is ${version:-broken})" maven 'builds the library'
    fi
  fi

  for entry in "${host_programs[@]}"; do
    IFS='|' read -r program package purpose <<< "$entry"
    if program_fits "$program"; then
      found "$program $(program_version "$program") ($(command -v "$program"))"
    else
      missing "$program" "$package" "$purpose"
    fi
  done

  if find_guest_kernel; then found "guest kernel ${guest_kernel##*/vmlinuz-} ($guest_kernel)"; fi
  if find_rust_virtiofsd; then found "virtiofsd $virtiofsd_version ($virtiofsd)"; fi
  missing_qemu_releases=()
  if [[ -n ${qemu_releases_wanted:-} ]] && find_qemu_releases; then
    found "QEMU ${qemu_releases[*]%%|*} ($MICROVM_CACHE/qemu)"
  fi
  missing_qemu_qmp=''
  if [[ -n ${qemu_qmp_wanted:-} ]]; then
    if find_qemu_qmp; then found "qemu.qmp for Python ($(qemu_qmp_folder))"; else missing_qemu_qmp=yes; fi
  fi

  # one package may be missing for several programs
  if ((${#missing_packages[@]} > 0)); then
    mapfile -t missing_packages < <(printf '%s\n' "${missing_packages[@]}" | sort -u)
  fi
}

# A command an ordinary user can paste. A minimal Debian has no sudo.
as_root() {
  if command -v sudo > /dev/null; then printf "sudo sh -c '%s'" "$1"; else printf "su -c '%s'" "$1"; fi
}

apt_command() {
  as_root "apt-get update && apt-get install --no-install-recommends ${missing_packages[*]}"
}

# Not a thing to set up, but it decides how fast everything is.
tell_about_kvm() {
  if [[ -r $set_up_root/dev/kvm && -w $set_up_root/dev/kvm ]]; then
    say 'found /dev/kvm; the library tries whether it works'
  elif [[ -e $set_up_root/dev/kvm ]]; then
    say "/dev/kvm is not for you, so VMs run in software, several times slower;" \
      "to change that: $(as_root "adduser $(id -un) kvm"), then log in again"
  else
    say 'no /dev/kvm: VMs run in software, several times slower'
  fi
}

# Fills steps with the functions to call, and says each before any is called.
make_plan() {
  local unpackable='' line
  steps=()
  if host_has_apt && find_debian_mirror; then unpackable=yes; fi
  if ((${#missing_packages[@]} > 0)); then
    for line in "${missing_lines[@]}"; do say "missing: $line"; done
    if ! host_has_apt; then
      say 'will install nothing, for this is no Debian; please install the above by its own means'
    elif [[ $(id -u) == 0 ]]; then
      say "will install with apt, without recommended packages: ${missing_packages[*]}"
      steps+=(install_missing_packages)
    else
      say "will not install these, for that needs root; the command is: $(apt_command)"
    fi
  fi
  if [[ -z $virtiofsd ]]; then
    if [[ -n $unpackable ]]; then
      say "will unpack virtiofsd of Debian trixie and its libraries into $MICROVM_CACHE/debian/trixie" \
        "(about 15 MB to fetch), installing nothing"
      steps+=(unpack_rust_virtiofsd)
    else
      say "missing: virtiofsd, the Rust one (often in a package of that name): $virtiofsd_purpose"
    fi
  fi
  if [[ -z $guest_kernel ]]; then
    if [[ -n $unpackable ]]; then
      say "will unpack the kernel of Debian $(host_suite) into $MICROVM_CACHE/kernels" \
        "(about 85 MB to fetch, 400 MB unpacked), installing nothing"
      steps+=(unpack_guest_kernel)
    else
      say "missing: a kernel in /boot with its modules, or below MICROVM_KERNEL_ROOT: $kernel_purpose"
    fi
  fi
  if ((${#missing_qemu_releases[@]} > 0)); then
    if [[ -n $unpackable ]]; then
      say "will unpack QEMU ${missing_qemu_releases[*]%%|*} of other Debian releases into $MICROVM_CACHE/qemu" \
        "(about 35 MB to fetch for each, 160 MB unpacked), installing nothing"
      steps+=(unpack_missing_qemu_releases)
    else
      say "missing: QEMU ${missing_qemu_releases[*]%%|*} as $MICROVM_CACHE/qemu/RELEASE/qemu-system-x86_64, qemu-ga beside it:" \
        "$qemu_releases_purpose"
    fi
  fi
  if [[ -n $missing_qemu_qmp ]]; then
    if [[ -n $unpackable ]]; then
      say "will unpack qemu.qmp of Debian sid into $(qemu_qmp_folder), installing nothing"
      steps+=(unpack_qemu_qmp)
    else
      say "missing: qemu.qmp for Python in $(qemu_qmp_folder): $qemu_qmp_purpose"
    fi
  fi
  if ((${#steps[@]} == 0)); then say 'will set up nothing'; fi
}

install_missing_packages() {
  install_host_packages "${missing_packages[@]}"
}

carry_out_plan() {
  local step
  ((${#steps[@]} > 0)) || return 0
  hold_cache
  for step in "${steps[@]}"; do
    # another set-up may have done it while this one waited for the cache
    case $step in
      unpack_rust_virtiofsd) find_rust_virtiofsd || $step ;;
      unpack_guest_kernel) find_guest_kernel || $step ;;
      unpack_missing_qemu_releases) find_qemu_releases || $step ;;
      unpack_qemu_qmp) find_qemu_qmp || $step ;;
      *) $step ;;
    esac
  done
  release_cache
}

# Everything is needed: a quickstart without Nix or virtiofsd would fail later and less clearly.
insist_that_all_is_there() {
  local line
  if [[ -z $guest_kernel ]]; then missing_lines+=("a kernel: $kernel_purpose"); fi
  if [[ -z $virtiofsd ]]; then missing_lines+=("virtiofsd: $virtiofsd_purpose"); fi
  if ((${#missing_qemu_releases[@]} > 0)); then
    missing_lines+=("QEMU ${missing_qemu_releases[*]%%|*}: $qemu_releases_purpose")
  fi
  if [[ -n $missing_qemu_qmp ]]; then missing_lines+=("qemu.qmp for Python: $qemu_qmp_purpose"); fi
  ((${#missing_lines[@]} > 0)) || return 0
  if ((${#steps[@]} > 0)); then # else the plan has just said the same
    for line in "${missing_lines[@]}"; do say "still missing: $line" >&2; done
  fi
  if ((${#missing_packages[@]} > 0)) && host_has_apt; then
    fail "please run this and then $PROGRAM again: $(apt_command)"
  fi
  fail "please install these and then run $PROGRAM again"
}

# take_stock_and_plan changes nothing; carry_out does what it said.
take_stock_and_plan() {
  [[ $(uname -sm) == 'Linux x86_64' ]] || fail "this is $(uname -sm); microvm runs on 64-bit x86 Linux"
  heed_set_up_root
  choose_cache
  widen_path
  take_stock
  tell_about_kvm
  make_plan
}

carry_out() {
  carry_out_plan
  if ((${#steps[@]} > 0)); then hash -r; take_stock; fi
  insist_that_all_is_there
}
