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
    options = [ "ro" "trans=virtio" "version=9p2000.L" "msize=512000" "cache=none" ];
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
    mkdir -m \"\$2\" \"\$1\" && chown \"\$own\" \"\$1\" ||
        fail \"cannot make \$1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)\"
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
  fileSystems."/srv/100%" = {
    device = "/data/srv/100%";
    fsType = "none";
    options = [ "bind" ];
    depends = [ "/data/srv/100%" ];
    neededForBoot = true;
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
    mkdir -m \"\$2\" \"\$1\" && chown \"\$own\" \"\$1\" ||
        fail \"cannot make \$1 (a guest on the host's root finds a folder empty that is among HostRoot.emptyFolders)\"
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
  fileSystems."/home/dev/a b\$c\"d" = {
    device = "/persistent/home/dev/a b\$c\"d";
    fsType = "none";
    options = [ "bind" ];
    depends = [ "/persistent/home/dev/a b\$c\"d" ];
    neededForBoot = true;
  };
  boot.initrd.availableKernelModules = [ "virtiofs" "ext4" "vfat" "9p" "9pnet_virtio" "overlay" ];
}
