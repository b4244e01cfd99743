// Puts the page together: messages come in, one drawing loop shows what is known of the chosen mat.

import { answered } from "./asking.js";
import { freshMs, openChart } from "./chart.js";
import { Controls } from "./controls.js";
import { $, make, mark, text } from "./dom.js";
import { showLink } from "./link.js";
import { Live } from "./live.js";
import { Lying } from "./lying.js";
import { Mats, sideOf, zoneOf } from "./mats.js";
import { paceOf } from "./panels.js";
import { Screens } from "./screens.js";
import { Stream } from "./stream.js";
import { Voice } from "./voice.js";
import { stateWords, translate, ZONES } from "./words.js";

const SAY_MS = 5000; // a screen reader hears changes, not every swing
const AGING_MS = 150; // longer than between two messages: a chart of a silent mat still moves on
const READ_MS = 240; // what changes faster cannot be read: words and numbers wait for this, the chart does not
const PLAN = { target_cpm: 12, good_fast_cpm: 18, too_fast_cpm: 20, zone_n: null, cap_n: null }; // until the mat tells its own

let drawnMs = -Infinity;
let movedMs = -Infinity; // when a new reading was last drawn
let readMs = -Infinity; // when words and numbers were last written
let link = "connecting";
let timer = null; // until the next drawing, or null
let moving = false; // the next drawing shows a new reading
let asked = false; // the browser has been asked for the next drawing
let saidMs = -Infinity;
let saidWords = "";
let hideSaid = null;

translate($("language"));
const wanted = new URLSearchParams(location.search).get("mat"); // a bookmark of one mat among many
const mats = new Mats(wanted);
const known = { server: false, broker: true, patterns: {}, sinceMs: performance.now() };
const controls = new Controls(say, () => mats.current);
const live = new Live(await openChart($("chart")), () => wake(true));
const screens = new Screens({ controls, turned: () => wake(true) });
const lying = new Lying(screens);
const voice = new Voice();

const stream = new Stream(hear, (open) => {
  if (known.server && !open) known.sinceMs = performance.now();
  known.server = open;
  wakeNow();
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
  } else if (kind === "resp") {
    answered(data.data);
  } else if (kind !== "beat") {
    mats.take(kind, data, nowMs);
  }
  if (mats.all.size > 1) stream.follow(mats.chosen);
  if (kind === "hello" || kind === "broker" || mats.turned) wakeNow(kind === "live");
  else if (kind !== "beat") wake(true, kind === "live");
}

// --- drawing ---------------------------------------------------------------------------------------------------------

// What is new is drawn at once, though not more often than 20 times a second; what only ages, now and then. A reading does
// not wait because something else has just been drawn.
function wake(fresh = false, moves = false) {
  if (asked || document.hidden || (timer !== null && !fresh)) return;
  if (timer !== null) clearTimeout(timer);
  const restMs = (moves ? movedMs : drawnMs) + (fresh ? freshMs() : AGING_MS) - performance.now();
  moving ||= moves;
  if (restMs <= 0) ask();
  else timer = setTimeout(ask, restMs);
}

function wakeNow(moves = false) {
  readMs = -Infinity;
  wake(true, moves);
}

function ask() {
  timer = null;
  asked = true;
  requestAnimationFrame(frame);
}

function frame() {
  asked = false;
  const nowMs = (drawnMs = performance.now());
  if (moving) movedMs = nowMs;
  moving = false;
  const mat = mats.current;
  const read = nowMs - readMs >= READ_MS;
  if (read) {
    readMs = nowMs;
    mats.turned = false;
    link = showLink({ ...known, mat, nowMs });
    showMats();
  }
  if (!mat) return;
  const reading = mat.reading(nowMs);
  const plan = mat.plan ?? PLAN;
  if (screens.place === "live") live.draw(mat, reading, plan, nowMs);
  if (read) show(mat, reading, plan, nowMs);
}

// Words and numbers.
function show(mat, reading, plan, nowMs) {
  const side = sideOf(reading);
  const zone = zoneOf(reading.pads[side], mat.level[side].calm, plan);
  const now = { mat, reading, plan, side, zone, link, nowMs, patterns: known.patterns, forces: forcesOf(mat) };
  controls.show(reading);
  if (screens.place === "live") live.show(now);
  else if (screens.place === "lying") lying.show(now, paceOf(reading.movement.cadence_cpm, plan));
  else screens.show(now);
  live.health(mat);
  if (link !== "live") return;
  voice.hear(mat);
  announce(reading, zone, nowMs);
}

const forcesOf = ({ level }) => {
  const round = ({ shown }) => (shown === null ? null : Math.round(shown));
  return { left: round(level.left), right: round(level.right) };
};

let matsShown = "";
function showMats() {
  const key = `${mats.chosen}|${[...mats.all.keys()].join("|")}`;
  if (key === matsShown) return;
  matsShown = key;
  $("mats").hidden = wanted !== null || mats.all.size < 2;
  const buttons = [...mats.all.keys()].map((id) => {
    const button = make("button", { type: "button", "aria-pressed": String(id === mats.chosen) }, id);
    button.addEventListener("click", () => {
      mats.chosen = id;
      stream.follow(id);
      wakeNow();
    });
    return button;
  });
  $("mats").replaceChildren(...buttons);
}

// --- spoken ----------------------------------------------------------------------------------------------------------

function say(words) {
  saidMs = performance.now();
  text($("say"), words);
  mark($("say"), "shown", "yes"); // what one did oneself is also to be seen
  clearTimeout(hideSaid);
  hideSaid = setTimeout(() => mark($("say"), "shown", "no"), SAY_MS);
}

function announce(reading, zone, nowMs) {
  const words = `${stateWords(reading.session)}. ${ZONES[zone][0]}.`;
  if (words === saidWords || nowMs - saidMs < SAY_MS) return;
  saidWords = words;
  saidMs = nowMs;
  text($("say"), words);
  mark($("say"), "shown", "no");
}

$("leave").addEventListener("click", async () => {
  await fetch("/api/logout", { method: "POST", headers: { "X-QLMat": "1" } });
  location.reload();
});
document.addEventListener("visibilitychange", () => wakeNow());
setInterval(() => {
  if (performance.now() - drawnMs >= (link === "live" ? AGING_MS : 500)) wake(); // ages grow while nothing comes
}, AGING_MS);
