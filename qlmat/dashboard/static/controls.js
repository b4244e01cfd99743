// The buttons: stop, always there, and the one thing that makes sense next.

import { $, text } from "./dom.js";
import { own } from "./words.js";

const GO = { waiting: "start", done: "start", stopped: "start", paused: "resume", working: "pause", settling: "pause", placing: "pause", switching: "pause" };
const WORDS = { start: "Start", resume: "Go on", pause: "Pause" };

export class Controls {
  // `say(words)` tells the person what became of a press; `current()` gives the mat.
  constructor(say, current) {
    this.say = say;
    this.current = current;
    this.next = null;
    $("stop").addEventListener("click", () => this.send("stop"));
    $("go").addEventListener("click", () => this.next && this.send(this.next));
  }

  show(reading) {
    this.next = own(GO, reading?.session.state) ?? null;
    $("go").hidden = this.next === null;
    if (this.next) text($("go"), WORDS[this.next]);
  }

  async send(name) {
    const mat = this.current();
    if (!mat) return this.say("There is no mat to talk to.");
    try {
      const answer = await fetch(`/api/mats/${encodeURIComponent(mat.id)}/cmd/${name}`, {
        method: "POST",
        headers: { "X-QLMat": "1" },
        signal: AbortSignal.timeout(3000),
      });
      if (!answer.ok) throw new Error((await answer.json()).error);
      this.say(`${name === "stop" ? "Stop" : (WORDS[name] ?? name)}: sent to the mat.`);
    } catch (error) {
      this.say(`Not sent: ${error.message}`);
    }
  }
}
