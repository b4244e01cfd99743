// The cards beside the chart: session, movement, buzz and the list of events.

import { $, draw, make, mark, set, text } from "./dom.js";
import { ago, clockTime, courseWords, cueWords, eventWords, fill, kindWords, own, PACES, practiceWords, stateWords, STEPS, T, UNLISTED } from "./words.js";

// --- session ---------------------------------------------------------------------------------------------------------

function stepOf(state, second) {
  const steps = { placing: 0, settling: second ? 4 : 1, working: second ? 4 : 2, switching: 3, done: 5, paused: second ? 4 : 2 };
  return own(steps, state) ?? -1;
}

// Why nothing begins by itself now; nothing when it would.
export const barredWords = (state) => (state?.barred ? (own(T.why_not, state.why_not) ?? state.barred) : "");

const ACTIVE = new Set(["working", "switching", "paused", "measuring"]); // in these one looks at the time, not at words

export class SessionPanel {
  constructor() {
    this.steps = STEPS.map((words) => make("li", {}, words));
    $("steps").append(...this.steps);
    this.positions = {};
    practiceWords().then((practice) => (this.positions = practice.positions), () => {}); // without them it says less
  }

  show(mat, reading) {
    const { session } = reading;
    const now = stepOf(session.state, mat.onSecondSide());
    text($("state"), stateWords(session));
    this.steps.forEach((step, i) => {
      const state = session.state === "done" || i < now ? "done" : i === now ? "now" : "ahead";
      mark(step, "step", state);
      if (state === "now") step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    this.time(session);
    this.beside(mat, ACTIVE.has(session.state));
  }

  // Why no session may begin, where one practises and with what care, and the day of the course.
  beside({ state, course, config }, active) {
    text($("barred"), barredWords(state));
    $("ask").hidden = active || !(course?.due === "all" || course?.due === "daily");
    const stance = own(this.positions, config?.position);
    text($("position"), stance && !active ? `${stance.name}. ${stance.care}` : "");
    text($("day"), course && !active ? courseWords(course) : "");
  }

  time({ worked_s: worked, remaining_s: remaining, side }) {
    const whole = (worked ?? 0) + (remaining ?? 0);
    text($("worked"), clockTime(worked ?? 0));
    text($("worked-side"), own(T.on, side) ?? T.worked);
    text($("remaining"), remaining === null ? "–" : clockTime(remaining));
    set($("done-part"), { width: whole > 0 ? ((100 * worked) / whole).toFixed(1) : 0 });
  }
}

// --- movement --------------------------------------------------------------------------------------------------------

const SCALE_CPM = 30;
const SLOW_CPM = 8; // lower end of the accepted 8 to 18 a minute

export class PacePanel {
  constructor(box) {
    this.band = draw("rect", { class: "scale-band", y: 8, height: 14, rx: 7 });
    this.target = draw("path", { class: "scale-aim" });
    this.marker = draw("path", { class: "scale-mark", visibility: "hidden" });
    this.aim = make("span", { class: "aim" });
    const picture = draw("svg", { viewBox: "0 0 300 26", "aria-hidden": "true" });
    picture.append(draw("path", { class: "scale-line", d: "M4 15H296" }), this.band, this.target, this.marker);
    const words = make("p", { class: "scale-words" }, make("span", {}, "0"), this.aim, make("span", {}, String(SCALE_CPM)));
    box.append(picture, words);
  }

  show({ movement }, plan) {
    const pace = movement.cadence_cpm;
    text($("kind"), kindWords(movement.kind));
    text($("cadence"), pace === null ? "–" : Math.round(pace));
    text($("cycles"), movement.cycles);
    text($("pace-advice"), PACES[paceOf(pace, plan)]);
    const x = (cpm) => 4 + (292 * Math.min(Math.max(cpm, 0), SCALE_CPM)) / SCALE_CPM;
    set(this.band, { x: x(SLOW_CPM), width: x(plan.good_fast_cpm) - x(SLOW_CPM) });
    this.aim.style.left = `${((x(plan.target_cpm) / 300) * 100).toFixed(1)}%`;
    text(this.aim, fill(T.aim, { n: Math.round(plan.target_cpm) }));
    set(this.target, { d: `M${x(plan.target_cpm).toFixed(1)} 8v14` });
    if (pace === null) set(this.marker, { visibility: "hidden" });
    else set(this.marker, { visibility: "visible", d: `M${x(pace).toFixed(1)} 4m-5 -4h10l-3.4 8v14h-3.2v-14z` });
  }
}

export function paceOf(pace, plan) {
  if (pace === null) return "none";
  if (pace < SLOW_CPM) return "slow";
  if (pace <= plan.good_fast_cpm) return "in";
  return pace > plan.too_fast_cpm ? "fast" : "quick";
}

// --- buzz ------------------------------------------------------------------------------------------------------------

const RHYTHM_S = 1.8;
const SHOWN_MS = 6000; // a cue is over before a person has looked

export class CuePanel {
  constructor(box) {
    this.picture = draw("svg", { viewBox: "0 0 300 54", role: "img", "aria-label": T.no_buzz });
    box.append(this.picture);
    this.drawn = undefined;
  }

  show(mat, patterns, nowMs) {
    const recent = mat.cue !== null && nowMs - mat.cueMs < SHOWN_MS;
    const [name, advice] = cueWords(recent ? mat.cue : null);
    text($("cue-name"), name);
    text($("cue-text"), advice);
    text($("cue-last"), !recent && mat.cue ? fill(T.last_cue, { cue: cueWords(mat.cue)[0], ago: ago((nowMs - mat.cueMs) / 1000) }) : "");
    mark($("rhythm").closest(".cue"), "sounding", recent);
    this.draw(recent ? (own(patterns, mat.cue) ?? []) : []);
  }

  draw(pattern) {
    const key = JSON.stringify(pattern);
    if (key === this.drawn) return;
    this.drawn = key;
    const longest = Math.max(RHYTHM_S, pattern.reduce((sum, [on, off]) => sum + on + off, 0));
    const x = (s) => (298 * s) / longest;
    const bars = [];
    let at = 0;
    for (const [on, off] of pattern) {
      bars.push(draw("rect", { class: "rhythm-on", x: x(at), width: x(on), y: 4, height: 42, rx: 6 }));
      at += on + off;
    }
    this.picture.setAttribute("aria-label", rhythmWords(pattern));
    this.picture.replaceChildren(draw("path", { class: "rhythm-base", d: "M2 50H298" }), ...bars);
  }
}

const rhythmWords = (pattern) =>
  pattern.length ? fill(T.rhythm, { pulses: pattern.map(([on]) => (on >= 0.4 ? T.long : T.short)).join(", ") }) : T.no_buzz;

// --- events ----------------------------------------------------------------------------------------------------------

export class EventPanel {
  constructor() {
    this.shown = null;
  }

  show(mat) {
    const key = `${mat.id} ${mat.events.length} ${mat.events.at(-1)?.t_s}`;
    if (key === this.shown) return;
    this.shown = key;
    const rows = mat.events.toReversed().filter(({ name }) => !UNLISTED.has(name)).map((event) => make("li", {}, eventTime(event), eventWords(event)));
    $("events").replaceChildren(...(rows.length ? rows : [make("li", { class: "none" }, T.nothing_yet)]));
  }
}

function eventTime(event) {
  const when = event.time === null ? new Date(NaN) : new Date(event.time);
  if (Number.isNaN(when.getTime())) return make("time", {}, clockTime(event.t_s));
  const words = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return make("time", { datetime: when.toISOString() }, words);
}
