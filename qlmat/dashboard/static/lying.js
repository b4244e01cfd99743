// For the one who lies on the mat: a few words as large as the phone allows, dark, calm, read at arm's length or 2 m.

import { $, mark, text } from "./dom.js";
import { barredWords } from "./panels.js";
import { clockTime, fill, PACES, stateWords, T, ZONES } from "./words.js";

export class Lying {
  constructor(screens) {
    this.screens = screens;
    this.lock = null;
    $("rise").addEventListener("click", () => (location.hash = "#live"));
    addEventListener("keydown", (press) => press.key === "Escape" && this.open && (location.hash = "#live"));
    addEventListener("hashchange", () => this.stayAwake());
    document.addEventListener("visibilitychange", () => this.stayAwake());
    this.stayAwake();
  }

  get open() {
    return this.screens.place === "lying";
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

  show({ mat, reading, forces, side, zone, link }, pace) {
    const live = link === "live";
    const force = forces[side];
    const shown = live ? zone : "old";
    mark($("lying"), "zone", shown);
    text($("lying-force"), force ?? "–");
    text($("lying-zone"), ZONES[shown][0]);
    text($("lying-state"), barredWords(mat.state) || stateWords(reading.session));
    const left = reading.session.remaining_s;
    text($("lying-time"), left === null ? "" : fill(T.to_go, { time: clockTime(left) }));
    text($("lying-pace"), live ? PACES[pace] : $("now-age").textContent);
  }
}
