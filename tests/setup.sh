#!/usr/bin/env bash
# Installs what the tests need on a Debian machine, and prints nothing where everything is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

# Unattended upgrades hold apt's locks for minutes after a boot.
APT_LOCK_TIMEOUT_SECONDS=900

packages=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
need_file() { [ -e "$1" ] || packages+=("$2"); }

# Browsers, and a null sound card, without which Firefox does not analyse sound.
need chromium chromium
need firefox-esr firefox-esr
need pulseaudio pulseaudio
# A certificate authority that Firefox trusts.
need certutil libnss3-tools
# The pictures of the screens show 繁體中文.
need_file /usr/share/fonts/opentype/noto fonts-noto-cjk
# Networks that are cut or lose packets, and captures of what the server sends.
need ip iproute2
need iptables iptables
need tcpdump tcpdump
# A client of the relay (TURN) by others.
need turnutils_uclient coturn
# Processes that are found and ended.
need pgrep procps
# File systems that fill up or fail, a database that is tampered with, and a slow disk.
need mount mount
need findmnt util-linux
need mkfs.ext4 e2fsprogs
need sqlite3 sqlite3
need strace strace
# Foreign WebRTC stacks: GStreamer with its bindings, and a virtual environment of Python for aiortc.
need /usr/bin/python3 python3
need_file /usr/lib/python3/dist-packages/gi python3-gi
need gst-inspect-1.0 gstreamer1.0-tools
need_gstreamer() { gst-inspect-1.0 --exists "$1" 2>/dev/null || packages+=("$2"); }
need_gstreamer opusenc gstreamer1.0-plugins-base
need_gstreamer vp8enc gstreamer1.0-plugins-good
need_gstreamer webrtcbin gstreamer1.0-plugins-bad
need_gstreamer nicesink gstreamer1.0-nice
need_typelib() { ls /usr/lib/*/girepository-1.0/"$1".typelib >/dev/null 2>&1 || packages+=("$2"); }
need_typelib GstSdp-1.0 gir1.2-gst-plugins-base-1.0
need_typelib GstWebRTC-1.0 gir1.2-gst-plugins-bad-1.0
/usr/bin/python3 -c "import ensurepip, venv" 2>/dev/null || packages+=(python3-venv)
# Reverse proxies, and certificates for tests.
need nginx nginx
need caddy caddy
need haproxy haproxy
# An authority that issues certificates by ACME.
need pebble pebble
need openssl openssl
# Recordings that a browser cannot play as they are.
need ffmpeg ffmpeg
# The package, and the rating of its service's sandbox.
need dpkg-deb dpkg
need systemd-analyze systemd
# The crate ring compiles C and assembly.
need cc gcc
need_file /usr/include/stdlib.h libc6-dev

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  sudo="sudo -n"
  command -v sudo >/dev/null || { echo "tests/setup.sh: run it as root, or install sudo" >&2; exit 1; }
fi

# Runs apt-get, and waits while another program holds one of its locks. Its own option waits for dpkg's lock only.
apt() {
  local deadline=$((SECONDS + APT_LOCK_TIMEOUT_SECONDS)) output
  output=$(mktemp)
  until $sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qq \
    -o "DPkg::Lock::Timeout=$APT_LOCK_TIMEOUT_SECONDS" "$@" >"$output" 2>&1; do
    if ! grep -qE "Could not get lock|Unable to (lock|acquire)|is held by process" "$output" || [ "$SECONDS" -ge "$deadline" ]; then
      cat "$output" >&2
      rm -f "$output"
      return 1
    fi
    echo "tests/setup.sh: another program is using apt; waiting" >&2
    sleep 5
  done
  rm -f "$output"
}

if [ "${#packages[@]}" -gt 0 ]; then
  apt update
  apt install -y --no-install-recommends "${packages[@]}"
fi

for tool in cargo npm; do
  command -v "$tool" >/dev/null || { echo "tests/setup.sh: '$tool' is not installed: see README.md" >&2; exit 1; }
done
cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest
# Its own profile takes twice as long to compile, and packs no faster.
cargo deb --version >/dev/null 2>&1 \
  || CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    cargo install --locked cargo-deb
[ -d tests/node_modules ] && [ tests/node_modules/.package-lock.json -nt tests/package-lock.json ] \
  || npm --prefix tests ci --no-audit --no-fund
venv=tests/foreign/.venv
[ "$venv/installed" -nt tests/foreign/requirements.txt ] || {
  /usr/bin/python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/foreign/requirements.txt
  touch "$venv/installed"
}
