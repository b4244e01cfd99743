// For the one who lies on the mat: a few words as large as the phone allows, dark, calm, read at arm's length or 2 m.

import { $, mark, text } from "./dom.js";
import { clockTime, fill, PACES, stateWords, T, ZONES } from "./words.js";

export class Lying {
  // `changed()` is called when the view opens or closes.
  constructor(changed) {
    this.changed = changed;
    this.lock = null;
    $("lie").addEventListener("click", () => (location.hash = "lying"));
    $("rise").addEventListener("click", () => (location.hash = ""));
    addEventListener("hashchange", () => this.turn());
    addEventListener("keydown", (press) => press.key === "Escape" && this.open && (location.hash = ""));
    document.addEventListener("visibilitychange", () => this.stayAwake());
    this.turn();
  }

  get open() {
    return location.hash === "#lying";
  }

  turn() {
    const before = document.body.dataset.view === "lying";
    document.body.dataset.view = this.open ? "lying" : "all";
    $("lying").hidden = !this.open;
    if (this.open) $("rise").focus();
    else if (before) $("lie").focus();
    this.stayAwake();
    this.changed();
  }

  // A dark phone teaches nobody. Browsers allow it over https and on this machine; elsewhere the phone's own rule holds.
  async stayAwake() {
    try {
      if (!this.open) await this.lock?.release();
      else if (!document.hidden) this.lock = await navigator.wakeLock?.request("screen");
    } catch {
      this.lock = null;
    }
  }

  show(reading, force, zone, pace, live) {
    if (!this.open) return;
    const shown = live ? zone : "old";
    mark($("lying"), "zone", shown);
    text($("lying-force"), force ?? "–");
    text($("lying-zone"), ZONES[shown][0]);
    text($("lying-state"), stateWords(reading.session));
    const left = reading.session.remaining_s;
    text($("lying-time"), left === null ? "" : fill(T.to_go, { time: clockTime(left) }));
    text($("lying-pace"), live ? PACES[pace] : $("now-age").textContent);
  }
}
