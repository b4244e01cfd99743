// The buttons: stop, always there; the one thing that makes sense next; and what else may be said at this moment.

import { ask } from "./asking.js";
import { $, make, text } from "./dom.js";
import { fill, own, T } from "./words.js";

const GO = { waiting: "start", done: "start", stopped: "start", paused: "resume", working: "pause", settling: "pause", placing: "pause", switching: "pause", measuring: "press" };
const ALSO = { working: ["mark"], waiting: ["tare"], done: ["tare"], stopped: ["tare"] };

export class Controls {
  // `say(words)` tells the person what became of a press; `current()` gives the mat.
  constructor(say, current) {
    this.say = say;
    this.current = current;
    this.next = this.shown = null;
    $("stop").addEventListener("click", () => this.send("stop"));
    $("go").addEventListener("click", () => this.next && this.send(this.next));
  }

  show(reading) {
    const { state } = reading.session;
    if (state === this.shown) return;
    this.shown = state;
    this.next = own(GO, state) ?? null;
    $("go").hidden = this.next === null;
    if (this.next) text($("go"), T.commands[this.next]);
    const also = (own(ALSO, state) ?? []).map((name) => {
      const button = make("button", { type: "button", class: "plain small", title: T.about[name] }, T.commands[name]);
      button.addEventListener("click", () => this.send(name));
      return button;
    });
    $("also").replaceChildren(...also);
  }

  async send(name, body) {
    const mat = this.current();
    if (!mat) return this.say(T.no_mat);
    const command = own(T.commands, name) ?? name;
    try {
      const { ok, reason } = await ask(mat.id, name, body, () => this.say(fill(T.sent, { command })));
      const said = ok === null ? T.no_answer : ok ? T.obeyed : T.refused;
      this.say(fill(said, { command, why: reason }));
      return ok;
    } catch (error) {
      this.say(fill(T.not_sent, { why: error.message }));
      return false;
    }
  }
}
