// The questions before a session: ten plain ones every two weeks, one line each day. Answers go to the mat and nowhere else.

import { make } from "./dom.js";
import { action, card, choice, line } from "./form.js";
import { practiceWords, S } from "./words.js";

export async function open(box, tools) {
  const check = new Check(box, tools, await practiceWords());
  return check;
}

class Check {
  constructor(box, { controls }, practice) {
    this.box = box;
    this.controls = controls;
    this.practice = practice;
    this.key = null;
    this.again = false; // somebody wants to answer everything once more
  }

  show({ mat }) {
    const due = mat.course?.due ?? null;
    const why = mat.state?.why_not ?? null;
    const key = `${mat.id} ${due} ${why} ${this.again}`;
    if (key === this.key) return;
    this.key = key;
    const parts = this.again || due === "all" ? this.all() : why === "answer" ? this.barred("ask") : due === "daily" ? this.daily() : this.clear(mat.course);
    this.box.replaceChildren(...parts);
  }

  // --- the ten questions

  all() {
    const asked = Object.entries(this.practice.questions).map(([key, words]) => [key, choice(words, [["no", S.check.no], ["yes", S.check.yes]])]);
    const missing = make("p", { class: "problem", role: "alert" });
    const send = action(S.check.send, () => this.sendAll(asked, missing), "go");
    return [card(S.check.before, make("p", { class: "lead" }, this.practice.introduction), make("div", { class: "questions" }, ...asked.map(([, each]) => each.root)), missing, send, make("p", { class: "quietly" }, S.check.kept))];
  }

  async sendAll(asked, missing) {
    const open = asked.find(([, each]) => each.value === null);
    missing.textContent = open ? S.check.missing : "";
    if (open) return open[1].root.querySelector("input").focus();
    const yes = asked.filter(([, each]) => each.value === "yes").map(([key]) => key);
    if (await this.controls.send("screening", { yes })) this.done(yes);
  }

  done(yes) {
    const urgent = yes.some((key) => this.practice.urgent.includes(key));
    this.again = false;
    this.hold(yes.length ? this.barred(urgent ? "urgent" : "ask", yes.filter((key) => this.practice.unlockable.includes(key))) : this.free());
  }

  // What came of an answer stays until one leaves the screen, whatever the mat says meanwhile.
  hold(parts) {
    this.show = () => {};
    this.box.replaceChildren(...parts);
    this.box.querySelector("[tabindex='-1']")?.focus();
  }

  // --- the line of the day

  daily() {
    const send = (fresh) => async () => {
      if (!(await this.controls.send("today", { new: fresh }))) return;
      this.hold(fresh ? this.barred("ask") : this.free());
    };
    return [card(S.check.today, make("p", { class: "lead" }, this.practice.daily), make("div", { class: "picks" }, action(S.check.nothing_new, send(false), "go"), action(S.check.something_new, send(true))), this.repeat())];
  }

  // --- what comes of it

  free() {
    return [card(S.check.thanks, make("p", { class: "lead", tabindex: "-1" }, S.check.free), make("p", {}, make("a", { class: "go link-button", href: "#live" }, S.check.to_mat)))];
  }

  barred(urgency, unlockable = this.practice.unlockable) {
    const advice = make("div", { class: "advice", tabindex: "-1", role: "alert", "data-urgency": urgency }, make("p", { class: "lead" }, this.practice.advice[urgency]));
    const parts = [card(S.check.not_today, advice, this.repeat())];
    if (unlockable.length) parts.push(this.unlock(unlockable));
    return parts;
  }

  unlock(keys) {
    const question = choice(S.check.which, keys.map((key) => [key, this.practice.questions[key]]));
    const name = line(S.check.clinician, { maxlength: "80", autocomplete: "off" });
    const missing = make("p", { class: "problem", role: "alert" });
    const send = action(S.check.unlock, async () => {
      const clinician = name.input.value.trim();
      missing.textContent = question.value && clinician ? "" : S.check.unlock_missing;
      if (missing.textContent) return;
      if (await this.controls.send("unlock", { question: question.value, clinician })) this.hold([card(S.check.thanks, make("p", { class: "lead", tabindex: "-1" }, S.check.unlocked))]);
    });
    return card(S.check.for_clinician, make("p", {}, S.check.unlock_about), question.root, name.root, missing, send);
  }

  clear(course) {
    const words = course ? S.check.nothing_due : S.check.no_coach;
    return [card(S.check.before, make("p", { class: "lead" }, words), ...(course ? [this.repeat()] : []))];
  }

  repeat() {
    return make("p", {}, action(S.check.again, () => {
      this.again = true;
      this.key = null;
    }, "quiet"));
  }
}
