// The buttons: stop, always there, and the one thing that makes sense next.

import { $, text } from "./dom.js";
import { fill, own, T } from "./words.js";

const GO = { waiting: "start", done: "start", stopped: "start", paused: "resume", working: "pause", settling: "pause", placing: "pause", switching: "pause" };

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
    if (this.next) text($("go"), T.commands[this.next]);
  }

  async send(name) {
    const mat = this.current();
    if (!mat) return this.say(T.no_mat);
    try {
      const answer = await fetch(`/api/mats/${encodeURIComponent(mat.id)}/cmd/${name}`, {
        method: "POST",
        headers: { "X-QLMat": "1" },
        signal: AbortSignal.timeout(3000),
      });
      if (!answer.ok) throw new Error((await answer.json()).error);
      this.say(fill(T.sent, { command: T.commands[name] }));
    } catch (error) {
      this.say(fill(T.not_sent, { why: error.message }));
    }
  }
}
