#!/usr/bin/env bash
# Set a machine up for QL Mat once its programs are installed: boot settings, rights, broker with logins, certificate,
# services. Run it as often as you like: what is there stays. `--undo` takes out what it put in.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
units="$here/systemd" # in the Debian package; in a checkout they have a folder of their own
[ -d "$units" ] || units="$(cd "$here/../../systemd" && pwd)"
etc=/etc/qlmat
passwd=/etc/mosquitto/qlmat.passwd
tls=$etc/tls
all_units=(qlmat.service qlmat-dashboard.service qlmat-backup.service qlmat-backup.timer)
enabled=(qlmat.service qlmat-dashboard.service qlmat-backup.timer)
dry=no undo=no purge=no broker=yes lan=no mat=mat

usage() {
  cat <<'END'
usage: setup.sh [--dry-run] [--no-broker] [--lan] [--mat-id ID] [--undo [--purge]]
  --dry-run    say what would be done, change nothing
  --no-broker  leave Mosquitto alone: the broker is on another machine
  --lan        open broker (port 8883) and page (port 8000) to the house: encrypted, with logins
  --mat-id ID  the mat's name in MQTT topics (letters, digits, - and _; default: mat)
  --undo       take out what this script put in; passwords, certificate and sessions stay
  --purge      with --undo: those too
END
}

say() { echo "qlmat: $*"; }
die() { echo "qlmat: $*" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry=yes ;;
    --no-broker) broker=no ;;
    --lan) lan=yes ;;
    --mat-id) mat=${2:?--mat-id needs a name}; shift ;;
    --undo) undo=yes ;;
    --purge) purge=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "unknown option $1" ;;
  esac
  shift
done
[[ $mat =~ ^[A-Za-z0-9_-]{1,32}$ ]] || die "--mat-id '$mat': use 1 to 32 letters, digits, '-' or '_'."
[ $dry = yes ] || [ "$(id -u)" -eq 0 ] || die "run me with sudo, or with --dry-run to see what I would do."

# Every change goes through `run` or `write`, so that --dry-run cannot forget one.
run() {
  if [ $dry = yes ]; then echo "  would run: $*"; else "$@"; fi
}

write() { # FILE MODE, the text on standard input; an equal file is left alone
  local file=$1 mode=$2 text
  text=$(cat; echo x) text=${text%x}
  if [ -f "$file" ] && [ "$(cat "$file"; echo x)" = "${text}x" ]; then return 0; fi
  if [ $dry = yes ]; then echo "  would write: $file"; return 0; fi
  mkdir -p "$(dirname "$file")"
  (umask 077; printf %s "$text" >"$file.new")
  chmod "$mode" "$file.new"
  mv "$file.new" "$file"
  say "wrote $file"
}

remove() {
  for file in "$@"; do [ ! -e "$file" ] && [ ! -L "$file" ] || run rm -rf "$file"; done
}

# --- boot settings and rights ---------------------------------------------------------------------------------------

boot_config() {
  for file in /boot/firmware/config.txt /boot/config.txt; do
    if [ -f $file ] && [ ! -L $file ]; then echo $file; return; fi
  done
}

without_block() { sed '/^# QL Mat begin/,/^# QL Mat end/d' "$1"; }

set_boot() {
  local file; file=$(boot_config)
  if [ -z "$file" ]; then say "no config.txt of a Raspberry Pi here: boot settings left out."; return; fi
  [ -f "$file.before-qlmat" ] || run cp -p "$file" "$file.before-qlmat"
  { without_block "$file"; cat "$here/config.txt"; } | write "$file" 0755
}

unset_boot() {
  local file; file=$(boot_config)
  [ -n "$file" ] && grep -q '^# QL Mat begin' "$file" || return 0
  without_block "$file" | write "$file" 0755
  remove "$file.before-qlmat"
}

set_rights() {
  for group in i2c gpio; do getent group $group >/dev/null || run groupadd --system $group; done
  write /etc/udev/rules.d/60-qlmat.rules 0644 <"$here/60-qlmat.rules"
  write /etc/modules-load.d/qlmat.conf 0644 <"$here/modules.conf"
  if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then run usermod -aG i2c,gpio "$SUDO_USER"; fi
  if [ -d /run/udev ] && command -v udevadm >/dev/null; then run udevadm control --reload || true; fi
}

# --- broker: logins, rights on topics, certificate ------------------------------------------------------------------

secret() { # FILE: a password nobody has to type; the same one for ever
  [ -s "$1" ] || head -c 18 /dev/urandom | base64 | tr '+/' '-_' | write "$1" 0600
}

set_secrets() {
  local file
  for file in mat page home viewer admin login; do secret $etc/$file.password; done
  [ ! -f $etc/page.hash ] || return 0
  if [ -x /opt/qlmat/bin/qlmat ] && [ $dry = no ]; then
    (umask 077; /opt/qlmat/bin/qlmat dashboard --set-password --login-file $etc/page.hash <$etc/login.password >/dev/null)
  else
    echo "  would write: $etc/page.hash"
  fi
}

set_config() {
  [ -f $etc/qlmat.toml ] && return 0
  write $etc/qlmat.toml 0644 <<END
# QL Mat on this machine. 'qlmat config sample' lists everything that can be set.
[mat]
id = "$mat"

[broker]
username = "$mat"
password_file = "$etc/mat.password"

[store]
folder = "/var/lib/qlmat"
END
}

mat_id() { [ ! -f $etc/qlmat.toml ] || sed -n '0,/^id = /s/^id = "\(.*\)"/\1/p' $etc/qlmat.toml; }

set_login() ( # name, password: through a file of root's, for arguments of a program are seen by everybody
  umask 077
  trap 'rm -f $passwd.one $passwd.new' EXIT
  printf '%s:%s\n' "$1" "$2" >$passwd.one
  mosquitto_passwd -U $passwd.one
  { grep -v "^$1:" $passwd || :; cat $passwd.one; } >$passwd.new
  mv $passwd.new $passwd
)

set_logins() {
  local owner=mosquitto name; name=$(mat_id)
  local -A login=([mat]=${name:-$mat} [page]=page [home]=homeassistant [viewer]=viewer [admin]=admin)
  if [ $dry = yes ]; then echo "  would write: /etc/mosquitto/qlmat.passwd (logins: ${login[*]})"; return; fi
  getent passwd mosquitto >/dev/null || owner=root
  [ -f $passwd ] || (umask 077; : >$passwd)
  for file in "${!login[@]}"; do # logins that others have added stay
    if ! grep -q "^${login[$file]}:" $passwd || [ $etc/$file.password -nt $passwd ]; then
      set_login "${login[$file]}" "$(cat $etc/$file.password)"
    fi
  done
  chown "$owner" $passwd
}

set_certificate() {
  local name; name=$(hostname 2>/dev/null || cat /etc/hostname)
  command -v openssl >/dev/null || { say "no openssl: no certificate, so the broker stays on this machine."; return; }
  if [ -s $tls/server.crt ] && openssl x509 -in $tls/server.crt -noout -checkend 2592000 >/dev/null; then return; fi
  if [ $dry = yes ]; then echo "  would make: a certificate for $name and $name.local in $tls"; return; fi
  (
    umask 077
    mkdir -p $tls
    cd $tls
    if [ ! -s ca.crt ]; then
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -keyout ca.key -out ca.crt \
        -subj "/CN=QL Mat on $name" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
    fi
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr \
      -subj "/CN=$name" 2>/dev/null
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -out server.crt -extfile <(
      printf 'subjectAltName=DNS:%s,DNS:%s.local,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' "$name" "$name"
    ) 2>/dev/null
    rm -f server.csr
    chmod 0644 ca.crt server.crt
  )
  chmod 0711 $etc $tls
  say "made a certificate for $name.local; other machines need $tls/ca.crt to trust it."
}

set_broker() {
  command -v mosquitto_passwd >/dev/null || { say "no Mosquitto here: logins left out."; return; }
  set_logins
  if getent passwd mosquitto >/dev/null && [ -f $tls/server.key ]; then
    run install -d -m 0750 -o root -g mosquitto /etc/mosquitto/qlmat-tls
    run install -m 0640 -o root -g mosquitto $tls/server.key $tls/server.crt $tls/ca.crt /etc/mosquitto/qlmat-tls
  fi
  write /etc/mosquitto/qlmat.acl 0644 <"$units/mosquitto/qlmat.acl"
  write /etc/mosquitto/conf.d/qlmat.conf 0644 <"$units/mosquitto/qlmat.conf"
  [ $lan = no ] || write /etc/mosquitto/conf.d/qlmat-tls.conf 0644 <"$units/mosquitto/qlmat-tls.conf"
  service restart mosquitto
}

# --- services -------------------------------------------------------------------------------------------------------

service() { # only where systemd runs; elsewhere it happens at the next boot
  if [ -d /run/systemd/system ]; then
    run systemctl "$@" || say "'systemctl $*' failed: see 'systemctl status ${*: -1}'"
  else
    say "systemd does not run here: 'systemctl $*' is left to the next boot."
  fi
}

set_services() {
  command -v systemctl >/dev/null || { say "no systemd here: no services."; return; }
  local folder=/etc/systemd/system version
  if [ ! -f /usr/lib/systemd/system/qlmat.service ]; then
    for unit in "${all_units[@]}"; do write $folder/$unit 0644 <"$units/$unit"; done
  fi
  version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  if [ "${version:-0}" -ge 254 ]; then
    for unit in qlmat qlmat-dashboard; do write $folder/$unit.service.d/backoff.conf 0644 <"$units/backoff.conf"; done
  fi
  [ $lan = no ] || write $folder/qlmat-dashboard.service.d/lan.conf 0644 <"$here/page-lan.conf"
  service daemon-reload
  [ $broker = yes ] || enabled=(qlmat.service qlmat-backup.timer) # the page is where the broker is
  run systemctl enable -q "${enabled[@]}"
  for unit in "${enabled[@]}"; do service restart "$unit"; done
}

unset_services() {
  command -v systemctl >/dev/null || return 0
  [ ! -d /run/systemd/system ] || run systemctl stop "${enabled[@]}" 2>/dev/null || true
  run systemctl disable -q "${enabled[@]}" 2>/dev/null || true
  for unit in "${all_units[@]}"; do remove /etc/systemd/system/$unit /etc/systemd/system/$unit.d; done
  remove /var/lib/systemd/timers/stamp-qlmat-backup.timer
  service daemon-reload
}

# --- all of it ------------------------------------------------------------------------------------------------------

if [ $undo = yes ]; then
  unset_services
  remove /etc/mosquitto/conf.d/qlmat.conf /etc/mosquitto/conf.d/qlmat-tls.conf /etc/mosquitto/qlmat.acl /etc/mosquitto/qlmat.passwd /etc/mosquitto/qlmat-tls
  [ ! -e /etc/mosquitto/mosquitto.conf ] || service restart mosquitto
  unset_boot
  remove /etc/udev/rules.d/60-qlmat.rules /etc/modules-load.d/qlmat.conf
  if [ $purge = yes ]; then remove $etc /var/lib/qlmat /var/lib/private/qlmat; fi
  say "undone.$([ $purge = yes ] || echo " Passwords, certificate and sessions stay in $etc and /var/lib/qlmat (--purge).")"
  exit 0
fi
set_boot
set_rights
set_config
set_secrets
set_certificate
[ $broker = no ] || set_broker
set_services
if [ $dry = yes ]; then say "nothing was changed."; exit 0; fi
say "set up. Restart the Pi once, then: sudo qlmat doctor --config $etc/qlmat.toml"
