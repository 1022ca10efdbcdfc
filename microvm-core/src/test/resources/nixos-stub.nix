# SPDX-License-Identifier: Apache-2.0
#
# What NixOS makes of a module that sets fileSystems, services and kernel modules: each option it has, with a check of its type, and an
# error that names what it does not have. (nixpkgs: nixos/modules/tasks/filesystems.nix and filesystems/overlayfs.nix,
# nixos/lib/systemd-unit-options.nix; only what is set here.)
module:
let
  inherit (builtins) all attrNames concatStringsSep isAttrs isBool isFunction isList isString listToAttrs map match substring toJSON;

  text = value: isString value && value != "";
  line = value: text value && match "[^\n]*" value != null;
  path = value: text value && substring 0 1 value == "/";
  list = check: value: isList value && all check value;
  some = check: value: list check value && value != [ ];
  unit = value: text value && match "[a-zA-Z0-9@%:_.\\-]+[.](service|socket|device|mount|target|path|slice|timer)" value != null;
  setting = value: isBool value || isString value || list isString value;

  options = {
    fileSystems."*" = {
      device = text;
      fsType = text;
      options = some text;
      depends = list path;
      neededForBoot = isBool;
      overlay = { lowerdir = some path; upperdir = path; workdir = path; };
    };
    systemd.services."*" = {
      description = line;
      requiredBy = list unit;
      before = list unit;
      requires = list unit;
      after = list unit;
      path = list path;
      script = isString;
      unitConfig."*" = setting;
      serviceConfig."*" = setting;
    };
    boot.initrd.availableKernelModules = list line;
  };

  check = at: option: value:
    if isFunction option then
      if option value then value else throw "the value of ${at} is of another type: ${toJSON value}"
    else if !isAttrs value then
      throw "${at} is no option"
    else
      listToAttrs (map (name: {
        inherit name;
        value =
          let
            here = if option ? ${name} then option.${name} else option."*" or (throw "the option ${at}.${name} does not exist");
          in check "${at}.${name}" here value.${name};
      }) (attrNames value));

  fileSystem = fs:
    if fs ? overlay then
      {
        depends = fs.depends or [ ];
        device = "overlay";
        fsType = "overlay";
        options = [
          "lowerdir=${concatStringsSep ":" fs.overlay.lowerdir}"
          "upperdir=${fs.overlay.upperdir}"
          "workdir=${fs.overlay.workdir}"
        ] ++ (fs.options or [ ]);
      }
    else
      { depends = fs.depends or [ ]; inherit (fs) device fsType; options = fs.options or [ "defaults" ]; };

  checked = check "config" options module;
  config = builtins.deepSeq checked checked;
in
{
  fileSystems = builtins.mapAttrs (_: fileSystem) config.fileSystems;
  early = all (fs: fs.neededForBoot) (builtins.attrValues config.fileSystems);
  services = builtins.mapAttrs (_: service: service.script) config.systemd.services;
  after = builtins.mapAttrs (_: service: service.after or [ ]) config.systemd.services;
  modules = config.boot.initrd.availableKernelModules;
}
