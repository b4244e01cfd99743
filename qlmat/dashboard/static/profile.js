// Who practises, where, on which ball and which side, and what a session asks for. The person is an id or a guest.

import { make, text } from "./dom.js";
import { action, card, choice, line } from "./form.js";
import { fieldsOf, practiceWords, S } from "./words.js";

const P = S.profile;
const spoken = (unit) => (unit === "cycles/min" ? P.per_minute : unit);

export async function open(box, { controls }) {
  const [practice, fields] = await Promise.all([practiceWords(), fieldsOf()]);
  const parts = [new Person(controls), new Place(controls, practice.positions), new Sides(controls, fields.sides), new Aims(controls, fields.plan), new Note(controls)];
  box.replaceChildren(...parts.map(({ root }) => root));
  return {
    show({ mat }) {
      const config = mat.config ?? {};
      for (const part of parts) {
        const key = `${mat.id} ${JSON.stringify(config)}`;
        if (key === part.key || part.root.contains(document.activeElement)) continue; // nobody's typing is overwritten
        part.key = key;
        part.fill(config);
      }
    },
  };
}

class Person {
  constructor(controls) {
    this.who = make("p", { class: "statement" });
    this.id = line(P.person, { maxlength: "64", autocomplete: "off", help: P.person_help });
    const use = action(P.use, () => this.id.input.value.trim() && controls.send("person", { person: this.id.input.value.trim() }));
    const guest = action(P.guest, () => controls.send("person", { person: "guest" }));
    this.root = card(P.who, this.who, this.id.root, make("div", { class: "picks" }, use, guest));
  }

  fill({ guest }) {
    text(this.who, guest == null ? P.nobody : guest ? P.a_guest : P.somebody); // an id is never told to everybody
  }
}

class Place {
  constructor(controls, positions) {
    this.positions = positions;
    this.position = choice(P.position, Object.entries(positions).map(([key, { name }]) => [key, name]));
    this.care = make("p", { class: "care" });
    this.load = make("p", { class: "quietly" });
    this.ball = choice(P.ball, Object.entries(P.balls));
    this.position.root.addEventListener("change", () => this.words());
    const save = action(P.save, () => {
      const ball = this.ball.value;
      if (this.position.value) return controls.send("position", { position: this.position.value, ...(ball && { ball }) });
    });
    this.root = card(P.where, this.position.root, this.care, this.load, this.ball.root, save);
  }

  fill({ position, ball }) {
    this.position.value = position ?? null;
    this.ball.value = ball ?? null;
    this.words();
  }

  words() {
    const stance = this.positions[this.position.value];
    text(this.care, stance?.care ?? "");
    text(this.load, stance?.load ?? "");
  }
}

class Sides {
  constructor(controls, fields) {
    this.start = choice(P.start_side, [["either", P.either], ["left", P.left], ["right", P.right]]);
    this.only = choice(P.only_side, [["both", P.both], ["left", P.left], ["right", P.right]]);
    const number = { type: "number", inputmode: "numeric" };
    this.left = line(P.extra_left, { ...number, ...fields.extra_left_s });
    this.right = line(P.extra_right, { ...number, ...fields.extra_right_s });
    this.why = line(P.why, { maxlength: "200", autocomplete: "off", help: P.why_help });
    this.problem = make("p", { class: "problem", role: "alert" });
    const save = action(P.save, () => this.save(controls));
    this.root = card(P.sides, this.start.root, this.only.root, make("div", { class: "pair" }, this.left.root, this.right.root), this.why.root, this.problem, save);
  }

  save(controls) {
    const wrong = [this.left, this.right].find(({ input }) => !input.checkValidity());
    text(this.problem, wrong ? wrong.input.validationMessage : "");
    if (wrong) return wrong.input.focus();
    const extra = ({ input }) => (input.value === "" ? null : Number(input.value));
    const why = this.why.input.value.trim();
    return controls.send("sides", { start_side: this.start.value, only_side: this.only.value, extra_left_s: extra(this.left), extra_right_s: extra(this.right), text: why || null });
  }

  fill(config) {
    this.start.value = config.start_side ?? null;
    this.only.value = config.only_side ?? null;
    this.left.input.value = config.extra_left_s ?? "";
    this.right.input.value = config.extra_right_s ?? "";
  }
}

class Aims {
  constructor(controls, fields) {
    this.lines = Object.entries(fields).map(([key, { unit, min, max, step }]) => [key, line(P[key], { type: "number", min, max, step, unit: spoken(unit), inputmode: "decimal", help: P.range.replace("{min}", min).replace("{max}", max) })]);
    this.problem = make("p", { class: "problem", role: "alert" });
    const save = action(P.save, () => this.save(controls));
    this.root = card(P.aims, make("div", { class: "pair" }, ...this.lines.map(([, { root }]) => root)), this.problem, save);
  }

  save(controls) {
    const wrong = this.lines.find(([, { input }]) => !input.checkValidity());
    text(this.problem, wrong ? wrong[1].input.validationMessage : "");
    if (wrong) return wrong[1].input.focus();
    const given = this.lines.filter(([, { input }]) => input.value !== "" && input.value !== input.dataset.before);
    if (given.length) return controls.send("plan", Object.fromEntries(given.map(([key, { input }]) => [key, Number(input.value)])));
  }

  fill(config) {
    for (const [key, { input }] of this.lines) input.dataset.before = input.value = config[key] ?? "";
  }
}

class Note {
  constructor(controls) {
    this.words = line(P.note, { maxlength: "500", autocomplete: "off" });
    const save = action(P.keep, async () => {
      const words = this.words.input.value.trim();
      if (words && (await controls.send("note", { text: words }))) this.words.input.value = "";
    });
    this.root = card(P.notes, this.words.root, save);
  }

  fill() {}
}
