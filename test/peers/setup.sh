#!/usr/bin/env bash
# Installs what the peers tests compare against, into .cache/peers: a Python environment, TensorFlow.js, and an arm64 Node with
# this package's dependencies. Run again, it checks and leaves everything as it is. Debian or Ubuntu on x86-64.
set -Eeuo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Sets root, cache and what installs things.
source "$root/test/runtime/arm64/setup.sh"
system_packages=(chromium mosquitto
  ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good)
python3 -c 'import ensurepip, venv' 2>/dev/null || system_packages+=(python3 python3-venv)

install_python() {
  local want
  want=$(cat "$root/test/peers/requirements.txt")
  finished "$cache/venv" "$want" && return 0
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "expected Python 3.11 or later, received $(python3 --version)"
  say 'installing the Python environment'
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    -r "$root/test/peers/requirements.txt"
  "$cache/venv/bin/python3" -c 'import numpy, onnx.checker, onnxruntime.quantization, PIL.Image'
  printf '%s' "$want" >"$cache/venv/.finished"
}

install_tfjs() {
  local folder=$cache/tfjs want='{"private":true,"dependencies":{"@tensorflow/tfjs":"4.22.0"}}'
  finished "$folder" "$want" && return 0
  say 'installing TensorFlow.js'
  rm -rf "$folder"
  mkdir -p "$folder"
  printf '%s' "$want" >"$folder/package.json"
  (cd "$folder" && npm install --silent --ignore-scripts --no-audit --no-fund --no-package-lock)
  printf '%s' "$want" >"$folder/.finished"
}

begin
install_system_packages "${system_packages[@]}"
install_python
install_tfjs
install_arm64
say 'ready'
