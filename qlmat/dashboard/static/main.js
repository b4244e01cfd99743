// Puts the page together: messages come in, one drawing loop shows what is known of the chosen mat.

import { freshMs, openChart, secondsOf } from "./chart.js";
import { Controls } from "./controls.js";
import { $, make, mark, text } from "./dom.js";
import { showLink } from "./link.js";
import { Lying } from "./lying.js";
import { Mats, sideOf, zoneOf } from "./mats.js";
import { Pads } from "./pads.js";
import { CuePanel, EventPanel, PacePanel, paceOf, SessionPanel } from "./panels.js";
import { PastPanel } from "./past.js";
import { Stream } from "./stream.js";
import { Voice } from "./voice.js";
import { fill, stateWords, T, translate, ZONES } from "./words.js";

const SAY_MS = 5000; // a screen reader hears changes, not every swing
const AGING_MS = 150; // longer than between two messages: a chart of a silent mat still moves on
const NUMBER_MS = 240; // a number that changes faster cannot be read
const PLAN = { target_cpm: 12, good_fast_cpm: 18, too_fast_cpm: 20, zone_n: null, cap_n: null }; // until the mat tells its own

translate($("language"));
const mats = new Mats();
const known = { server: false, broker: true, patterns: {}, sinceMs: performance.now() };
const chart = await openChart($("chart"));
const pads = new Pads($("pads"));
const session = new SessionPanel();
const pace = new PacePanel($("pace-scale"));
const cue = new CuePanel($("rhythm"));
const events = new EventPanel();
const past = new PastPanel();
const controls = new Controls(say, () => mats.current);

let held = null; // mat time at the chart's right edge while it is held
let drawnMs = -Infinity;
let timer = null; // until the next drawing, or null
let asked = false; // the browser has been asked for the next drawing
let saidMs = -Infinity;
let saidWords = "";

const voice = new Voice();
const lying = new Lying(() => wake());

new Stream(hear, (open) => {
  if (known.server && !open) known.sinceMs = performance.now();
  known.server = open;
  wake();
});

function hear(kind, data) {
  const nowMs = performance.now();
  if (kind === "hello") {
    known.broker = data.broker;
    known.patterns = data.cues;
    $("leave").hidden = !data.login;
    mats.restart(data.mats, nowMs);
  } else if (kind === "broker") {
    known.broker = data.connected;
  } else if (kind !== "beat") {
    mats.take(kind, data, nowMs);
  }
  wake(true);
}

// --- drawing ---------------------------------------------------------------------------------------------------------

// What is new is drawn at once, though not more often than 20 times a second; what only ages, now and then.
function wake(fresh = false) {
  if (asked || document.hidden || (timer !== null && !fresh)) return;
  clearTimeout(timer);
  const restMs = drawnMs + (fresh ? freshMs() : AGING_MS) - performance.now();
  timer = setTimeout(() => {
    timer = null;
    asked = true;
    requestAnimationFrame(frame);
  }, Math.max(0, restMs));
}

function frame() {
  asked = false;
  const nowMs = (drawnMs = performance.now());
  const link = showLink({ ...known, mat: mats.current, nowMs });
  show(nowMs, link);
  if (link === "live" && held === null) wake();
}

function show(nowMs, link) {
  showMats();
  const mat = mats.current;
  if (!mat) return;
  const reading = mat.reading(nowMs);
  controls.show(reading);
  const plan = { ...PLAN, ...mat.plan };
  const side = sideOf(reading);
  const zone = zoneOf(reading.pads[side], mat.level[side].calm, plan);
  const forces = forcesOf(mat, nowMs);
  showForce(forces[side], side, zone, link);
  showChart(mat, plan, side, nowMs);
  lying.show(reading, forces[side], zone, paceOf(reading.movement.cadence_cpm, plan), link === "live");
  if (link === "live") voice.hear(mat);
  pads.show(mat.id, reading, forces);
  cue.show(mat, known.patterns, nowMs);
  if (link === "live") announce(reading, zone, nowMs);
  session.show(mat, reading);
  pace.show(reading, plan);
  events.show(mat);
  past.show(mat);
  showHealth(mat);
}

// The numbers to print, the same everywhere, changing no faster than they can be read.
let printed = { mat: null, ms: -Infinity };
function forcesOf(mat, nowMs) {
  if (printed.mat !== mat.id || nowMs - printed.ms >= NUMBER_MS) {
    const round = ({ shown }) => (shown === null ? null : Math.round(shown));
    printed = { mat: mat.id, ms: nowMs, left: round(mat.level.left), right: round(mat.level.right) };
  }
  return printed;
}

function showForce(force, side, zone, link) {
  text($("now-title"), T.pressure[side]);
  text($("force"), force ?? "–");
  const [name, advice] = link === "live" ? ZONES[zone] : [ZONES.old[0], $("now-age").textContent || ZONES.old[1]];
  mark($("zone"), "zone", link === "live" ? zone : "old");
  text($("zone-name"), name);
  text($("zone-advice"), advice);
}

function showChart(mat, plan, side, nowMs) {
  // The edge moves on without new readings, so a silent mat leaves a gap instead of a frozen picture.
  const endS = held ?? mat.trace.last + (nowMs - mat.heardMs) / 1000;
  $("key-zone").hidden = !plan.zone_n;
  chart.draw(mat.trace, endS, held === null ? T.now : T.held, plan.zone_n, side);
  if ($("numbers").open) showNumbers(mat, endS);
}

let numbersMs = -Infinity;
function showNumbers(mat, endS) {
  if (performance.now() - numbersMs < 1000) return;
  numbersMs = performance.now();
  const cell = (newtons) => (newtons === null ? "–" : newtons.toFixed(0));
  const rows = secondsOf(mat.trace, endS).map(([ago, left, right]) =>
    make("tr", {}, make("td", {}, String(ago)), make("td", {}, cell(left)), make("td", {}, cell(right))),
  );
  $("numbers-rows").replaceChildren(...rows);
}

let matsShown = "";
function showMats() {
  const key = `${mats.chosen}|${[...mats.all.keys()].join("|")}`;
  if (key === matsShown) return;
  matsShown = key;
  $("mats").hidden = mats.all.size < 2;
  const buttons = [...mats.all.keys()].map((id) => {
    const button = make("button", { type: "button", "aria-pressed": String(id === mats.chosen) }, id);
    button.addEventListener("click", () => {
      mats.chosen = id;
      wake();
    });
    return button;
  });
  $("mats").replaceChildren(...buttons);
}

function showHealth(mat) {
  const { rate_hz: rate, faults } = mat.state ?? {};
  const parts = [fill(T.mat, { id: mat.id }), mat.status?.sw && `QL Mat ${mat.status.sw}`, rate && fill(T.scans, { n: Math.round(rate) })];
  parts.push(faults ? fill(faults > 1 ? T.some_fail : T.one_fails, { n: faults }) : rate && T.all_answer);
  const { trouble, clock, temperature_c: warm, sw, sw_installed: newer } = mat.health ?? {};
  if (warm != null) parts.push(`${Math.round(warm)} °C`);
  if (clock === "unsynced") parts.push(T.clock_wrong);
  if (newer && newer !== sw) parts.push(fill(T.newer, { version: newer }));
  if (trouble) parts.push(fill(T.trouble, { trouble }));
  text($("health"), parts.filter(Boolean).join(" · "));
}

// --- spoken ----------------------------------------------------------------------------------------------------------

function say(words) {
  saidMs = performance.now();
  text($("say"), words);
}

function announce(reading, zone, nowMs) {
  const words = `${stateWords(reading.session)}. ${ZONES[zone][0]}.`;
  if (words === saidWords || nowMs - saidMs < SAY_MS) return;
  saidWords = words;
  say(words);
}

$("hold").addEventListener("click", () => {
  held = held === null ? (mats.current?.trace.last ?? null) : null;
  $("hold").setAttribute("aria-pressed", String(held !== null));
  text($("hold"), held === null ? T.hold : T.holding);
  wake();
});
$("leave").addEventListener("click", async () => {
  await fetch("/api/logout", { method: "POST", headers: { "X-QLMat": "1" } });
  location.reload();
});
document.addEventListener("visibilitychange", () => wake());
setInterval(() => wake(), 500); // ages grow while nothing comes
