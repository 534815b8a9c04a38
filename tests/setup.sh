#!/usr/bin/env bash
# Installs what the tests need on a Debian machine and is quiet where it is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
need chromium chromium
need firefox-esr firefox-esr
need ip iproute2
need iptables iptables
need pgrep procps
need tcpdump tcpdump
# File systems that fill up and fail, and a journal that somebody tampers with.
need mount mount; need mkfs.ext4 e2fsprogs; need sqlite3 sqlite3
# A disk that confirms late.
need strace strace
# A null sound card, without which Firefox analyses no sound.
need pulseaudio pulseaudio
# The pictures of the screens show 繁體中文.
[ -d /usr/share/fonts/opentype/noto ] || packages+=(fonts-noto-cjk)
# ring, bundled in the binary, compiles C and assembly.
need cc gcc; need cc libc6-dev

if [ "${#packages[@]}" -gt 0 ]; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest
[ -d tests/node_modules ] && [ tests/node_modules/.package-lock.json -nt tests/package-lock.json ] \
  || npm --prefix tests ci --no-audit --no-fund
