#!/usr/bin/env bash
# Try install.sh for real in a debootstrapped tree, as root, and print what happened:
#   tests/install/try_in_tree.sh TREE install    install twice, the second time must change nothing; doctor --self-test
#   tests/install/try_in_tree.sh TREE boot       boot the tree's systemd (systemd-nspawn) and try the services in it
#   tests/install/try_in_tree.sh TREE package    build the Debian package there, install it, set up, purge it again
#   tests/install/try_in_tree.sh TREE uninstall  take it out again; what is left of it is listed
# The tree needs python3, python3-venv and git, for `boot` also systemd, systemd-sysv and dbus. Bus and pins do not exist
# there, so the daemon's own sandbox runs the emulated mat: same filters, same user, other hardware.
set -euo pipefail
tree=$(realpath "$1")
checkout=$(cd "$(dirname "$0")/../.." && pwd)
# What the caller has set for its network holds in the tree as well.
mapfile -t network < <(env | grep -E '^(PIP_|SSL_CERT_FILE|https?_proxy|no_proxy)' || true)
in_tree() { chroot "$tree" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "${network[@]}" bash -c "cd /root/qlmat && $*"; }
files() { (cd "$tree" && find etc opt usr/local var/lib -newer root/before ! -type d ! -path '*__pycache__*' \
  ! -path 'var/lib/apt/*' ! -path 'var/lib/dpkg/*' | sort); }
mounted() { mountpoint -q "$tree/proc" || mount -t proc proc "$tree/proc"; mountpoint -q "$tree/dev" || mount --bind /dev "$tree/dev"; }
unmounted() { for at in proc dev; do ! mountpoint -q "$tree/$at" || umount -R "$tree/$at"; done; }

case $2 in
  install)
    mounted
    rm -rf "$tree/root/qlmat" && git clone -q "$checkout" "$tree/root/qlmat"
    in_tree "bash firmware/boot/install.sh --lan" 2>&1 | grep '^qlmat'
    touch "$tree/root/before" && sleep 1.1
    in_tree "bash firmware/boot/install.sh --lan" 2>&1 | grep '^qlmat: wrote' && echo "FAILED: the second run wrote" && exit 1
    echo "changed by the second run (the program itself and the table of hashed passwords are written anew):"
    files | grep -v -e '^opt/qlmat' || true
    in_tree "/opt/qlmat/bin/qlmat doctor --self-test --no-broker" || true
    unmounted
    ;;
  boot)
    unmounted
    mkdir -p "$tree/etc/systemd/system/qlmat.service.d"
    cat >"$tree/etc/systemd/system/qlmat.service.d/tried.conf" <<'END'
[Service]
ExecStart=
ExecStart=/opt/qlmat/bin/qlmat run --patient --device virtual --store /var/lib/qlmat --config /etc/qlmat/qlmat.toml
SupplementaryGroups=
END
    cp "$(dirname "$0")/inside.sh" "$tree/root/inside.sh"
    rm -f "$tree/root/tried.log"
    cat >"$tree/etc/systemd/system/tried.service" <<'END'
[Unit]
After=multi-user.target qlmat.service qlmat-dashboard.service mosquitto.service
[Service]
Type=oneshot
ExecStart=/bin/bash /root/inside.sh
ExecStopPost=/bin/systemctl poweroff --no-block
StandardOutput=file:/root/tried.log
StandardError=inherit
[Install]
WantedBy=graphical.target
END
    chroot "$tree" systemctl enable -q tried.service
    timeout 300 systemd-nspawn --quiet --register=no --keep-unit -D "$tree" --boot >"$tree/root/boot.log" 2>&1 || true
    rm -rf "$tree"/etc/systemd/system/{tried.service,qlmat.service.d/tried.conf,graphical.target.wants/tried.service}
    cat "$tree/root/tried.log"
    ;;
  package)
    mounted
    rm -rf "$tree/root/qlmat" && git clone -q "$checkout" "$tree/root/qlmat"
    [ ! -e "$tree/opt/qlmat" ] || in_tree "bash firmware/boot/install.sh --uninstall --purge" >/dev/null
    file=$(in_tree "bash packaging/build_deb.sh" 2>/dev/null | tail -1)
    ls -l "$tree$file"
    touch "$tree/root/before" && sleep 1.1
    in_tree "apt-get install -y -qq $file" 2>&1 | grep '^qlmat' || true
    in_tree "qlmat-setup --lan" | tail -2
    in_tree "qlmat version; qlmat doctor --self-test --no-broker --json" | head -c 300; echo
    in_tree "systemctl is-enabled qlmat qlmat-dashboard" || true
    cp "$tree$file" "$checkout/dist/" 2>/dev/null || { mkdir -p "$checkout/dist" && cp "$tree$file" "$checkout/dist/"; }
    in_tree "apt-get purge -y -qq qlmat" 2>&1 | grep '^qlmat' || true
    echo "left behind:"
    (cd "$tree" && find etc opt usr/bin usr/sbin usr/lib/systemd usr/share var/lib -iname '*qlmat*' ! -path 'var/lib/dpkg/*' | sort)
    unmounted
    ;;
  uninstall)
    mounted
    in_tree "bash firmware/boot/install.sh --uninstall --purge" 2>&1 | grep '^qlmat'
    echo "left behind:"
    (cd "$tree" && find etc opt usr/local usr/lib/systemd var/lib -iname '*qlmat*' | sort)
    unmounted
    ;;
  *) sed -n '2,9p' "$0"; exit 2 ;;
esac
