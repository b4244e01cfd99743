// The mat itself: its zero, the comfortable pressure by three slow loads, how it is, and which one it is.

import { make, mark, text } from "./dom.js";
import { action, card, choice, line } from "./form.js";
import { clockTime, fill, own, S, T } from "./words.js";

const M = S.mat;
const LOADS = 3;

export function open(box, { controls }) {
  const parts = [new Comfort(controls), new Zero(controls), new Health(controls)];
  box.replaceChildren(...parts.map(({ root }) => root));
  return { show: (now) => parts.forEach((part) => part.show(now)) };
}

// The zero of the empty pads, and a look with a weight that one knows.
class Zero {
  constructor(controls) {
    this.forces = make("p", { class: "figure reading" });
    const zero = action(M.set_zero, () => controls.send("calibrate", { what: "zero" }));
    this.side = choice(M.which_pad, [["left", T.pad.left], ["right", T.pad.right]]);
    this.weight = line(M.weight, { type: "number", min: "10", max: "400", step: "any", unit: "N", inputmode: "decimal", help: M.weight_help });
    this.problem = make("p", { class: "problem", role: "alert" });
    const check = action(M.check, () => this.check(controls));
    this.root = card(M.zero, make("p", {}, M.zero_about), this.forces, zero, make("hr"), make("p", {}, M.check_about), this.side.root, this.weight.root, this.problem, check);
  }

  check(controls) {
    const force = this.weight.input.valueAsNumber;
    const fits = this.side.value && Number.isFinite(force) && this.weight.input.checkValidity();
    text(this.problem, fits ? "" : M.check_missing);
    if (fits) return controls.send("calibrate", { what: "check", side: this.side.value, force_n: force });
  }

  show({ forces }) {
    const side = (name) => `${T.pad[name]} ${forces[name] === null ? T.no_reading : `${forces[name]} N`}`;
    text(this.forces, `${side("left")} · ${side("right")}`);
  }
}

// Three slow loads; the person says "firm, 4 of 10" at each; the mat takes the middle one.
class Comfort {
  constructor(controls) {
    this.words = make("p", { class: "statement", role: "status" });
    this.force = make("p", { class: "force reading" });
    this.dots = Array.from({ length: LOADS }, (_, i) => make("li", {}, fill(M.load, { n: i + 1 })));
    this.firm = action(T.commands.press, () => controls.send("press"), "go firm");
    this.stop = action(M.give_up, () => controls.send("stop"), "quiet");
    const begin = (side) => action(M[side], () => controls.send("calibrate", { what: "comfort", side }));
    this.begin = make("div", { class: "picks" }, begin("left"), begin("right"));
    this.running = make("div", {}, this.force, make("ol", { class: "loads" }, ...this.dots), this.firm, this.stop);
    this.known = make("p", { class: "quietly" });
    this.root = card(M.comfort, make("p", {}, M.comfort_about), this.words, this.running, this.begin, this.known);
  }

  show({ mat, reading, forces, side, plan }) {
    const measuring = reading.session.state === "measuring";
    const { words, counted } = progress(mat.events);
    this.running.hidden = !measuring;
    this.begin.hidden = measuring;
    text(this.words, words ?? "");
    text(this.force, `${forces[reading.session.side ?? side] ?? "–"} N`);
    this.dots.forEach((dot, i) => mark(dot, "day", i < counted ? "done" : i === counted ? "next" : "ahead"));
    text(this.known, ["left", "right"].map((name) => knownWords(name, plan[name])).filter(Boolean).join(" "));
  }
}

// What the slow loads have come to, told from the events.
function progress(events) {
  const began = events.findLastIndex(({ name }) => name === "comfort_started");
  if (began < 0) return { words: null, counted: 0 };
  const since = events.slice(began).filter(({ name }) => own(M.comfort_says, name));
  const last = since.at(-1);
  const force = last.detail?.force_n;
  const words = fill(M.comfort_says[last.name], { force: Number.isFinite(force) ? Math.round(force) : "–", why: last.detail?.reason ?? "" });
  return { words, counted: since.filter(({ name }) => name === "load_counted").length };
}

function knownWords(side, aim) {
  if (!aim || aim.comfortable_n == null) return null;
  const values = { side: T.pad[side], force: Math.round(aim.comfortable_n), low: Math.round(aim.low_n), high: Math.round(aim.high_n) };
  return fill(aim.low_n == null ? M.guessed : M.measured, values);
}

class Health {
  constructor(controls) {
    this.rows = make("tbody");
    const table = make("table", { class: "facts" }, make("caption", { class: "said-only" }, M.health), this.rows);
    this.root = card(M.health, table, make("div", { class: "picks" }, action(M.identify, () => controls.send("identify"))));
    this.key = null;
  }

  show({ mat }) {
    const health = mat.health ?? {};
    const number = (value, unit = "") => (value == null ? null : `${Math.round(value)} ${unit}`.trim());
    const rows = {
      version: health.sw_installed && health.sw_installed !== health.sw ? fill(M.two_versions, { sw: health.sw, installed: health.sw_installed }) : (health.sw ?? mat.status?.sw),
      rate: number(mat.state?.rate_hz, "Hz"),
      faults: number(mat.state?.faults),
      chips_lost: number(health.chips_lost),
      clock: own(M.clocks, health.clock),
      temperature: number(health.temperature_c, "°C"),
      uptime: health.uptime_s == null ? null : upWords(health.uptime_s),
      ...calibration(mat.config),
      trouble: health.trouble ?? (mat.health ? M.no_trouble : null),
    };
    const key = JSON.stringify(rows);
    if (key === this.key) return;
    this.key = key;
    this.rows.replaceChildren(...Object.entries(rows).filter(([, words]) => words != null).map(([name, words]) => make("tr", {}, make("th", { scope: "row" }, M.rows[name]), make("td", {}, String(words)))));
  }
}

// What `qlmat calibrate` left behind; a mat that tells nothing of it shows no row.
function calibration(config) {
  if (!config || config.calibrated === undefined) return {};
  const errors = ["left", "right"].map((side) => config[`${side}_error_ratio`]).filter((ratio) => ratio != null);
  return {
    calibrated: config.calibrated ?? M.published_curve,
    serial: config.serial,
    error: errors.length ? errors.map((ratio) => `${(100 * ratio).toFixed(1)} %`).join(", ") : null,
  };
}

const upWords = (s) => (s < 7200 ? clockTime(s) : fill(M.hours, { n: Math.round(s / 3600) }));
