// Says each cue aloud with the browser's own speech, for whoever asked for it: the rhythm's meaning in a few words.

import { $, text } from "./dom.js";
import { cueWords, eventWords, language, T } from "./words.js";

const APART_S = 1.5; // a cue is told with every reading while it lasts; after such a pause on the mat it is a new one
const LED_MS = 2000; // a cue this soon after the way to a spot was told is about that way
const SILENT = new Set(["pace"]); // a tick with each turn needs no words

export class Voice {
  constructor() {
    this.on = false;
    this.lastMs = this.lastS = -Infinity;
    this.last = null;
    $("speak").hidden = !("speechSynthesis" in window);
    $("speak").addEventListener("click", () => this.turn(!this.on));
  }

  turn(on) {
    this.on = on;
    $("speak").setAttribute("aria-pressed", String(on));
    text($("speak"), on ? T.speaking : T.speak);
    if (on) this.say(T.speaking_now); // also tells at once whether it can be heard
    else speechSynthesis.cancel();
  }

  hear(mat) {
    if (mat.cueMs === this.lastMs) return;
    const fresh = mat.cue !== this.last || Math.abs(mat.cueS - this.lastS) > APART_S;
    [this.last, this.lastMs, this.lastS] = [mat.cue, mat.cueMs, mat.cueS];
    if (!this.on || !fresh || SILENT.has(mat.cue)) return;
    const told = mat.events.at(-1);
    if (told?.name === "lead" && mat.cueMs - told.heardMs < LED_MS) return this.say(eventWords(told)); // the same rhythm, but now it is known where to
    const [name, advice] = cueWords(mat.cue);
    this.say(`${name}. ${advice}.`);
  }

  say(words) {
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.lang = language;
    spoken.rate = 0.95;
    speechSynthesis.cancel(); // what is true now counts, not what was
    speechSynthesis.speak(spoken);
  }
}
