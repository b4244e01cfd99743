#!/usr/bin/env bash
# Install QL Mat on Raspberry Pi OS or Debian, bookworm or trixie: distribution packages, programs in /opt/qlmat, then
# setup.sh. Run it as often as you like; `--uninstall` takes all of it out again.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
prefix=/opt/qlmat
dry=no uninstall=no source=$root passed=() broker=yes

usage() {
  cat <<'END'
usage: sudo firmware/boot/install.sh [--dry-run] [--wheel FILE] [--mat-id ID] [--no-broker] [--lan] [--uninstall [--purge]]
  --dry-run    say what would be done, change nothing
  --wheel FILE install this wheel instead of the checkout the script is in
  --mat-id ID  the mat's name in MQTT topics (default: mat)
  --no-broker  leave Mosquitto out: the broker is on another machine
  --lan        open broker (port 8883) and page (port 8000) to the house: encrypted, with logins
  --uninstall  take QL Mat out; passwords, certificate and sessions stay
  --purge      with --uninstall: those too
Distribution packages stay: other programs may use them.
END
}

say() { echo "qlmat: $*"; }
die() { echo "qlmat: $*" >&2; exit 1; }
run() {
  if [ $dry = yes ]; then echo "  would run: $*"; else "$@"; fi
}

while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry=yes passed+=(--dry-run) ;;
    --wheel) source=$(realpath "${2:?--wheel needs a file}"); shift ;;
    --mat-id) passed+=(--mat-id "${2:?--mat-id needs a name}"); shift ;;
    --no-broker) broker=no passed+=(--no-broker) ;;
    --lan) passed+=(--lan) ;;
    --uninstall) uninstall=yes passed+=(--undo) ;;
    --purge) passed+=(--purge) ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "unknown option $1" ;;
  esac
  shift
done
[ $dry = yes ] || [ "$(id -u)" -eq 0 ] || die "run me with sudo, or with --dry-run to see what I would do."

if [ $uninstall = yes ]; then
  bash "$here/setup.sh" "${passed[@]}"
  if [ -e $prefix ] || [ -L /usr/local/bin/qlmat ]; then run rm -rf $prefix /usr/local/bin/qlmat; fi
  exit 0
fi

. /etc/os-release
case ${VERSION_CODENAME:-} in
  bookworm | trixie) ;;
  *) die "this is ${PRETTY_NAME:-no Debian}: bookworm or trixie is needed. 'pip install qlmat' may work all the same." ;;
esac
[ -e "$source" ] || die "there is no $source."
[ ! -e $prefix ] || [ -f $prefix/.installed-by-script ] ||
  die "$prefix is there and not mine: if it is the Debian package, 'apt remove qlmat' first."

packages=(python3 python3-venv python3-numpy openssl)
[ $broker = no ] || packages+=(mosquitto)
run apt-get update -qq
# Raspberry Pi OS has the pin library; Debian itself has not, and a mat without pins still reads and publishes.
for wished in python3-lgpio i2c-tools; do
  if apt-cache show "$wished" >/dev/null 2>&1; then packages+=("$wished"); else say "$wished: not in ${PRETTY_NAME}, left out."; fi
done
run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"

# The environment sees the distribution's numpy and lgpio: PyPI has no lgpio for Python 3.13 and none for 32 bit.
[ -x $prefix/bin/python ] || run python3 -m venv --system-site-packages $prefix
run touch $prefix/.installed-by-script
run $prefix/bin/pip install -q --disable-pip-version-check --upgrade "$source" || die "pip could not install what is needed (its words stand above).
  Without a network: connect, then run me again. On 32 bit without piwheels pip must compile:
  'sudo apt install gcc libc6-dev make cmake libatomic1 python3-dev libffi-dev', then run me again."
# Once more without what it needs: pip takes a wheel of the same version for the one it has.
run $prefix/bin/pip install -q --disable-pip-version-check --force-reinstall --no-deps "$source"
run ln -sfn $prefix/bin/qlmat /usr/local/bin/qlmat
bash "$here/setup.sh" "${passed[@]}"
