#!/usr/bin/env bash
# Runs inside a booted container: are the services up in their sandboxes, and do they come back? Every wait has an end.
within() { # SECONDS CONDITION...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.2; done
}
tell() { local what=$1; shift; if "$@"; then echo "ok     $what"; else echo "FAILED $what"; fi; }
python=/opt/qlmat/bin/python
page() { # with --lan: encrypted with our certificate, and a password before anything of the mat is shown
  $python - <<'END'
import ssl, urllib.error, urllib.request
trust = ssl.create_default_context(cafile="/etc/qlmat/tls/ca.crt")
try:
    answer = urllib.request.urlopen("https://localhost:8000/", timeout=2, context=trust)
except urllib.error.HTTPError as refused:
    answer = refused
words = answer.read().decode().lower()
assert "password" in words, words[:500]
END
}
main_pid() { systemctl show -p MainPID --value "$1"; }
another_pid() { [ "$(main_pid "$1")" != "$2" ] && systemctl is-active -q "$1"; }
heard() { mosquitto_sub -h 127.0.0.1 -u viewer -P "$(cat /etc/qlmat/viewer.password)" -t 'qlmat/mat/state' -C 1 -W 10 | grep -q worked_s; }
heard_encrypted() { mosquitto_sub -h localhost -p 8883 --cafile /etc/qlmat/tls/ca.crt -u viewer -P "$(cat /etc/qlmat/viewer.password)" -t 'qlmat/mat/state' -C 1 -W 10 | grep -q worked_s; }

systemctl --version | head -1
tell "mosquitto is active" within 20 systemctl is-active -q mosquitto
tell "qlmat is active: READY came with the first sample" within 60 systemctl is-active -q qlmat
tell "qlmat-dashboard is active" within 20 systemctl is-active -q qlmat-dashboard
tell "the page answers, encrypted, and asks for the password" within 20 page
tell "a viewer hears the mat through the broker" within 20 heard
tell "and from the house, encrypted" within 20 heard_encrypted
for unit in qlmat qlmat-dashboard; do
  pid=$(main_pid $unit)
  echo "$unit: user $(stat -c %u "/proc/$pid"), $(grep -h -E 'VmRSS|NoNewPrivs|^Seccomp:' "/proc/$pid/status" | tr -s '\t ' ' ' | paste -sd,)"
done
pid=$(main_pid qlmat)
kill -KILL "$pid"
tell "a killed mat is back" within 30 another_pid qlmat "$pid"
pid=$(main_pid qlmat)
kill -STOP "$pid"
tell "a hung mat is killed by the watchdog and back" within 60 another_pid qlmat "$pid"
systemctl stop mosquitto
pid=$(main_pid qlmat)
sleep 25
tell "without a broker for longer than the watchdog the same mat goes on" [ "$(main_pid qlmat)" = "$pid" ]
systemctl mask -q --runtime mosquitto
systemctl restart qlmat
tell "and a mat that starts without a broker is active all the same" within 30 systemctl is-active -q qlmat
systemctl unmask -q --runtime mosquitto
systemctl start mosquitto
tell "and is heard once the broker is there" within 60 heard
systemctl stop qlmat
tell "a stopped mat ends without failure" [ "$(systemctl show -p Result --value qlmat)" = success ]
tell "its state folder is its own" [ "$(stat -Lc %a /var/lib/private/qlmat)" = 700 ]
tell "what it stored is closed to others" [ "$(stat -Lc %a /var/lib/qlmat/qlmat.db)" = 600 ]
systemctl start qlmat
tell "and it starts again" within 60 systemctl is-active -q qlmat
tell "the daily copy is taken while the mat runs" systemctl start qlmat-backup.service
tell "a second one keeps the first" systemctl start qlmat-backup.service
tell "what is too old was looked for before" bash -c "journalctl -b -u qlmat-backup -o cat | grep -q -e 'deleted as too old' -e 'clock has not been set'"
tell "both are there" [ -s /var/lib/qlmat/qlmat.db.backup-1 ] && [ -s /var/lib/qlmat/qlmat.db.backup-2 ]
tell "the doctor sees the running service" bash -c '/opt/qlmat/bin/qlmat doctor --config /etc/qlmat/qlmat.toml --json | grep -q "service is running"'
/opt/qlmat/bin/qlmat doctor --config /etc/qlmat/qlmat.toml
journalctl -b --no-pager -o cat -u qlmat -u qlmat-dashboard | tail -60
