#!/usr/bin/env bash
# Build the Debian package of QL Mat for the release and architecture this runs on: packaging/build_deb.sh [WHEEL]
#
# It holds what `pip install` puts into an environment at /opt/qlmat that sees the distribution's packages, so numpy and
# the pin library stay the distribution's own; the rest is carried. Compiled parts fit one Python: build it on the
# release it is for. Needs root, because the environment must be made where it will be.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
source=${1:-$root}
prefix=/opt/qlmat
[ "$(id -u)" -eq 0 ] || { echo "qlmat: run me as root: the package is made at $prefix." >&2; exit 1; }
[ ! -e $prefix ] || { echo "qlmat: $prefix is there already: build in a tree without QL Mat." >&2; exit 1; }
. /etc/os-release

stage=$(mktemp -d)
trap 'rm -rf "$stage" "$stage.lock" $prefix' EXIT
python3 -c 'import numpy' || { echo "qlmat: apt-get install python3-numpy python3-venv first." >&2; exit 1; }
python3 -m venv --system-site-packages $prefix
# Each dependency in the version, and with the hash, that was tested; numpy is the distribution's own.
sed '/^numpy==/,/[^\\]$/d' "$root/requirements/release.txt" >"$stage.lock"
bash "$root/.ci/locked" $prefix/bin/python "$stage.lock" "$source"
$prefix/bin/pip install -q --disable-pip-version-check --no-deps "$source"
version=$($prefix/bin/python -c 'from importlib.metadata import version; print(version("qlmat"))')
python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
$prefix/bin/pip uninstall -q -y --disable-pip-version-check pip setuptools 2>/dev/null || true
find $prefix -name __pycache__ -prune -exec rm -rf {} +
rm -f $prefix/bin/{pip*,activate*,Activate*,f2py,*.py}
[ ! -d $prefix/lib/python$python/site-packages/numpy ] || { echo "qlmat: pip brought its own numpy: it is to stay out." >&2; exit 1; }

install -d "$stage"/{DEBIAN,opt,usr/bin,usr/sbin,usr/lib/systemd/system,usr/share/qlmat/boot/systemd,usr/share/doc/qlmat}
cp -a $prefix "$stage/opt/"
ln -s $prefix/bin/qlmat "$stage/usr/bin/qlmat"
install -m 0644 "$root"/systemd/*.{service,timer} "$stage/usr/lib/systemd/system/"
install -m 0644 "$root"/systemd/*.{service,timer} "$root"/systemd/backoff.conf "$stage/usr/share/qlmat/boot/systemd/"
cp -r "$root/systemd/mosquitto" "$stage/usr/share/qlmat/boot/systemd/"
find "$root/firmware/boot" -maxdepth 1 -type f ! -name install.sh -exec install -m 0644 -t "$stage/usr/share/qlmat/boot" {} +
printf '#!/bin/sh\nexec bash /usr/share/qlmat/boot/setup.sh "$@"\n' >"$stage/usr/sbin/qlmat-setup"
chmod 0755 "$stage/usr/sbin/qlmat-setup"
install -m 0644 "$root/LICENSE" "$stage/usr/share/doc/qlmat/copyright"
gzip -9nc "$root/CHANGELOG.md" >"$stage/usr/share/doc/qlmat/changelog.gz"
install -m 0755 "$root"/packaging/debian/{prerm,postrm,postinst} "$stage/DEBIAN/"

next=${python%.*}.$((${python#*.} + 1))
cat >"$stage/DEBIAN/control" <<END
Package: qlmat
Version: $version~$VERSION_CODENAME
Architecture: $(dpkg --print-architecture)
Maintainer: QL Mat maintainers <maintainers@localhost>
Section: electronics
Priority: optional
Installed-Size: $(du -sk "$stage" | cut -f1)
Depends: python3 (>= $python), python3 (<< $next), python3-numpy, openssl
Recommends: mosquitto, python3-lgpio | python3-rpi.gpio
Suggests: i2c-tools
Description: pressure-sensing mat that guides pressure, pace and routine of self-massage
 The mat's program, its live page, an emulated mat to try it on, and the set-up of a Raspberry Pi: run qlmat-setup
 after installing. gpiozero and the ADC driver are carried, numpy and lgpio are the distribution's own.
END
(cd "$stage" && find opt usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
install -d "$root/dist"
file="$root/dist/qlmat_$version~${VERSION_CODENAME}_$(dpkg --print-architecture).deb"
dpkg-deb --root-owner-group -Zxz --build "$stage" "$file" >/dev/null
echo "$file"
