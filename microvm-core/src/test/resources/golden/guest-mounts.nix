{ ... }:
{
  fileSystems."/persistent" = {
    device = "persistent";
    fsType = "virtiofs";
    options = [ "rw" ];
    neededForBoot = true;
  };
  fileSystems."/data" = {
    device = "/dev/disk/by-id/virtio-data";
    fsType = "ext4";
    options = [ "rw" "noatime" ];
    neededForBoot = true;
  };
  fileSystems."/boot" = {
    device = "/dev/disk/by-label/BOOT";
    fsType = "vfat";
    options = [ "rw" ];
    neededForBoot = true;
  };
  fileSystems."/nix/.ro-store" = {
    device = "store";
    fsType = "9p";
    options = [ "ro" "trans=virtio" "version=9p2000.L" "msize=131072" "cache=none" "access=any" ];
    neededForBoot = true;
  };
  fileSystems."/nix/.rw-store" = {
    device = "microvm-overlay";
    fsType = "tmpfs";
    options = [ "mode=0755" "size=512M" ];
    neededForBoot = true;
  };
  fileSystems."/nix/store" = {
    overlay = {
      lowerdir = [ "/nix/.ro-store" ];
      upperdir = "/nix/.rw-store/store";
      workdir = "/nix/.rw-store/work";
    };
    depends = [ "/nix/.ro-store" "/nix/.rw-store" ];
    neededForBoot = true;
  };
  fileSystems."/opt/tools" = {
    overlay = {
      lowerdir = [ "/nix/.ro-store" ];
      upperdir = "/persistent/over/store";
      workdir = "/persistent/over/work";
    };
    options = [ "userxattr" ];
    depends = [ "/nix/.ro-store" "/persistent/over" ];
    neededForBoot = true;
  };
  fileSystems."/opt/a \$b\"c" = {
    device = "/persistent/opt/a \$b\"c";
    fsType = "none";
    options = [ "bind" ];
    depends = [ "/persistent/opt/a \$b\"c" ];
    neededForBoot = true;
  };
  systemd.services."microvm-etc-machine\\x2did" = {
    description = "persistent file /etc/machine-id";
    requiredBy = [ "local-fs.target" ];
    before = [ "local-fs.target" ];
    unitConfig.DefaultDependencies = false;
    unitConfig.RequiresMountsFor = [ "\"/persistent/etc/machine-id\"" "\"/etc\"" ];
    path = [ "/run/current-system/sw" ];
    serviceConfig.Type = "oneshot";
    serviceConfig.RemainAfterExit = true;
    script = "fail() { echo \"\$*\"; exit 1; }
made() { # FOLDER MODE
    [ -d \"\$1\" ] && return
    [ ! -e \"\$1\" ] || fail \"\$1 is a file, and a directory is needed there\"
    if mkdir -m \"\$2\" \"\$1\"; then
        chown \"\$own\" \"\$1\" || fail \"cannot give \$1 to \$own\"
    else # systemd runs these side by side, so another one may have made it
        [ -d \"\$1\" ] ||
            fail \"cannot make \$1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)\"
    fi
}
own=0:0
[ -e '/persistent/etc/machine-id' ] || fail '/persistent/etc/machine-id'' is not there'
[ -f '/persistent/etc/machine-id' ] || fail '/persistent/etc/machine-id'' is a directory, and a file is to be persistent'
made '/etc' 0755
[ ! -d '/etc/machine-id' ] || fail '/etc/machine-id'' is a directory, and a file is to be persistent'
[ -e '/etc/machine-id' ] || { : >'/etc/machine-id' && chmod 0644 '/etc/machine-id' && chown \"\$own\" '/etc/machine-id'; } || fail 'cannot make ''/etc/machine-id'
mount -o bind -- '/persistent/etc/machine-id' '/etc/machine-id'
";
  };
  systemd.services."microvm-srv-100\\x25" = {
    description = "persistent directory /srv/100%%";
    requiredBy = [ "local-fs.target" ];
    before = [ "local-fs.target" ];
    unitConfig.DefaultDependencies = false;
    unitConfig.RequiresMountsFor = [ "\"/data/srv/100%%\"" "\"/srv\"" ];
    path = [ "/run/current-system/sw" ];
    serviceConfig.Type = "oneshot";
    serviceConfig.RemainAfterExit = true;
    script = "fail() { echo \"\$*\"; exit 1; }
made() { # FOLDER MODE
    [ -d \"\$1\" ] && return
    [ ! -e \"\$1\" ] || fail \"\$1 is a file, and a directory is needed there\"
    if mkdir -m \"\$2\" \"\$1\"; then
        chown \"\$own\" \"\$1\" || fail \"cannot give \$1 to \$own\"
    else # systemd runs these side by side, so another one may have made it
        [ -d \"\$1\" ] ||
            fail \"cannot make \$1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)\"
    fi
}
own=0:0
mkdir -p '/data' || fail 'cannot make it'
made '/data/srv' 0755
made '/data/srv/100%' 0755
[ -e '/data/srv/100%' ] || fail '/data/srv/100%'' is not there'
[ -d '/data/srv/100%' ] || fail '/data/srv/100%'' is a file, and a directory is to be persistent'
made '/srv' 0755
made '/srv/100%' 0755
mount -o bind -- '/data/srv/100%' '/srv/100%'
";
  };
  systemd.services."microvm-srv-file" = {
    description = "persistent file /srv/file";
    requiredBy = [ "local-fs.target" ];
    before = [ "local-fs.target" ];
    unitConfig.DefaultDependencies = false;
    unitConfig.RequiresMountsFor = [ "\"/data/srv/file\"" "\"/srv\"" ];
    path = [ "/run/current-system/sw" ];
    serviceConfig.Type = "oneshot";
    serviceConfig.RemainAfterExit = true;
    script = "fail() { echo \"\$*\"; exit 1; }
made() { # FOLDER MODE
    [ -d \"\$1\" ] && return
    [ ! -e \"\$1\" ] || fail \"\$1 is a file, and a directory is needed there\"
    if mkdir -m \"\$2\" \"\$1\"; then
        chown \"\$own\" \"\$1\" || fail \"cannot give \$1 to \$own\"
    else # systemd runs these side by side, so another one may have made it
        [ -d \"\$1\" ] ||
            fail \"cannot make \$1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)\"
    fi
}
own=0:0
mkdir -p '/data' || fail 'cannot make it'
made '/data/srv' 0755
[ ! -d '/data/srv/file' ] || fail '/data/srv/file'' is a directory, and a file is to be persistent'
[ -e '/data/srv/file' ] || { : >'/data/srv/file' && chmod 0644 '/data/srv/file' && chown \"\$own\" '/data/srv/file'; } || fail 'cannot make ''/data/srv/file'
[ -e '/data/srv/file' ] || fail '/data/srv/file'' is not there'
[ -f '/data/srv/file' ] || fail '/data/srv/file'' is a directory, and a file is to be persistent'
made '/srv' 0755
[ ! -d '/srv/file' ] || fail '/srv/file'' is a directory, and a file is to be persistent'
[ -e '/srv/file' ] || { : >'/srv/file' && chmod 0644 '/srv/file' && chown \"\$own\" '/srv/file'; } || fail 'cannot make ''/srv/file'
mount -o bind -- '/data/srv/file' '/srv/file'
";
  };
  fileSystems."/var/lib/foo" = {
    device = "/persistent/var/lib/foo";
    fsType = "none";
    options = [ "bind" ];
    depends = [ "/persistent/var/lib/foo" ];
    neededForBoot = true;
  };
  systemd.services."microvm-srv-100\\x25-inner" = {
    description = "persistent directory /srv/100%%/inner";
    requiredBy = [ "local-fs.target" ];
    before = [ "local-fs.target" ];
    requires = [ "microvm-srv-100\\x25.service" ];
    after = [ "microvm-srv-100\\x25.service" ];
    unitConfig.DefaultDependencies = false;
    unitConfig.RequiresMountsFor = [ "\"/persistent/srv/100%%/inner\"" "\"/srv/100%%\"" ];
    path = [ "/run/current-system/sw" ];
    serviceConfig.Type = "oneshot";
    serviceConfig.RemainAfterExit = true;
    script = "fail() { echo \"\$*\"; exit 1; }
made() { # FOLDER MODE
    [ -d \"\$1\" ] && return
    [ ! -e \"\$1\" ] || fail \"\$1 is a file, and a directory is needed there\"
    if mkdir -m \"\$2\" \"\$1\"; then
        chown \"\$own\" \"\$1\" || fail \"cannot give \$1 to \$own\"
    else # systemd runs these side by side, so another one may have made it
        [ -d \"\$1\" ] ||
            fail \"cannot make \$1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)\"
    fi
}
own=0:0
[ -e '/persistent/srv/100%/inner' ] || fail '/persistent/srv/100%/inner'' is not there'
[ -d '/persistent/srv/100%/inner' ] || fail '/persistent/srv/100%/inner'' is a file, and a directory is to be persistent'
made '/srv' 0755
made '/srv/100%' 0755
made '/srv/100%/inner' 0755
mount -o bind -- '/persistent/srv/100%/inner' '/srv/100%/inner'
";
  };
  systemd.services."microvm-home-dev-a\\x20b\\x24c\\x22d" = {
    description = "persistent directory /home/dev/a b\$c\"d";
    requiredBy = [ "local-fs.target" ];
    before = [ "local-fs.target" ];
    unitConfig.DefaultDependencies = false;
    unitConfig.RequiresMountsFor = [ "\"/persistent/home/dev/a b\$c\\\"d\"" "\"/home/dev\"" ];
    path = [ "/run/current-system/sw" ];
    serviceConfig.Type = "oneshot";
    serviceConfig.RemainAfterExit = true;
    script = "fail() { echo \"\$*\"; exit 1; }
made() { # FOLDER MODE
    [ -d \"\$1\" ] && return
    [ ! -e \"\$1\" ] || fail \"\$1 is a file, and a directory is needed there\"
    if mkdir -m \"\$2\" \"\$1\"; then
        chown \"\$own\" \"\$1\" || fail \"cannot give \$1 to \$own\"
    else # systemd runs these side by side, so another one may have made it
        [ -d \"\$1\" ] ||
            fail \"cannot make \$1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)\"
    fi
}
own=1000:1000
[ -e '/persistent/home/dev/a b\$c\"d' ] || fail '/persistent/home/dev/a b\$c\"d'' is not there'
[ -d '/persistent/home/dev/a b\$c\"d' ] || fail '/persistent/home/dev/a b\$c\"d'' is a file, and a directory is to be persistent'
mkdir -p '/home' || exit 1
made '/home/dev' 0700
made '/home/dev/a b\$c\"d' 0755
mount -o bind -- '/persistent/home/dev/a b\$c\"d' '/home/dev/a b\$c\"d'
";
  };
  boot.initrd.availableKernelModules = [ "virtio_pci" "virtio_mmio" "virtio_blk" "virtiofs" "ext4" "vfat" "9p" "9pnet_virtio" "overlay" ];
}
