// What the page knows of each mat: the last messages, the trace behind the chart, the events. No document in here.

const TRACE = 512; // rows of the ring, more than 30 s at 10 Hz
const EVENTS = 60;
const SESSIONS = 30;
const LIVE_MS = 1500; // live comes ten times a second; after this long the slower state speaks
const [SHOWN_S, CALM_S] = [0.3, 1.0];
export const STALE_MS = 3000; // state comes every second

export class Trace {
  constructor() {
    this.t = new Float64Array(TRACE);
    this.left = new Float64Array(TRACE);
    this.right = new Float64Array(TRACE);
    this.clear();
  }

  clear() {
    this.size = 0;
    this.next = 0;
    this.last = -Infinity;
  }

  push(t, left, right) {
    if (t < this.last - 1) this.clear(); // the mat was started again
    if (t <= this.last) return;
    this.t[this.next] = t;
    this.left[this.next] = left ?? NaN;
    this.right[this.next] = right ?? NaN;
    this.next = (this.next + 1) % TRACE;
    this.size = Math.min(this.size + 1, TRACE);
    this.last = t;
  }

  // The place in the arrays of the i-th oldest row.
  at(i) {
    return (this.next - this.size + i + TRACE) % TRACE;
  }
}

// A force as a person can read it: `shown` barely lags, `calm` decides the zone and does not flicker with each breath.
class Level {
  constructor() {
    this.t = -Infinity;
    this.shown = this.calm = null;
  }

  step(t, force) {
    const passed = t - this.t;
    this.t = t;
    if (force === null || this.shown === null || passed < 0 || passed > 2) {
      this.shown = this.calm = force;
      return;
    }
    this.shown += ((force - this.shown) * passed) / (SHOWN_S + passed);
    this.calm += ((force - this.calm) * passed) / (CALM_S + passed);
  }
}

class Mat {
  constructor(id) {
    this.id = id;
    this.trace = new Trace();
    this.sessions = []; // newest last
    this.events = []; // newest last, each with `heardMs`
    this.heardMs = -Infinity; // when a force last came
    this.liveMs = -Infinity;
    this.level = { left: new Level(), right: new Level() };
    this.cue = null; // the last one given, when it was last heard of, and when that was on the mat's own clock
    this.cueMs = -Infinity;
    this.cueS = -Infinity;
    this.turn = null; // changes when a person should read something new
  }

  take(kind, data, nowMs) {
    if (kind === "event") return this.note(data, nowMs);
    if (kind === "session") return this.remember(data);
    this[kind] = data;
    if (kind === "live") this.turn = `${data.cue} ${data.session.state} ${data.session.side} ${data.pads.left.touching} ${data.pads.right.touching}`;
    if (data.cue) [this.cue, this.cueMs, this.cueS] = [data.cue, nowMs, data.t_s];
    if (kind === "live") {
      this.heardMs = this.liveMs = nowMs;
      this.trust(data.t_s, data.pads.left.force_n, data.pads.right.force_n);
    } else if (kind === "state") {
      this.heardMs = nowMs;
      if (data.t_s !== null && nowMs - this.liveMs > LIVE_MS) {
        this.trust(data.t_s, data.left_force_n, data.right_force_n);
      }
    }
  }

  trust(t, left, right) {
    this.trace.push(t, left, right);
    this.level.left.step(t, left);
    this.level.right.step(t, right);
  }

  note(event, nowMs) {
    const repeat = event.n !== null && this.events.some((known) => known.n === event.n && known.boot === event.boot);
    if (repeat) return; // delivery is at least once
    this.events.push({ ...event, heardMs: nowMs });
    if (this.events.length > EVENTS) this.events.shift();
  }

  remember(session) {
    if (this.sessions.some((known) => known.n === session.n)) return;
    this.sessions.push(session);
    if (this.sessions.length > SESSIONS) this.sessions.shift();
  }

  // What to show now, in the shape of `live`, whichever message is the newer; a blank one before the first.
  reading(nowMs) {
    if (this.live && (nowMs - this.liveMs <= LIVE_MS || !this.state)) return this.live;
    return fromState(this.state ?? BLANK);
  }

  // The spots marked on a side in this session or the last: [x, y] in mm, oldest first.
  marked(side) {
    const began = this.events.findLastIndex(({ name }) => name === "session_started");
    const marks = this.events.slice(Math.max(began, 0)).filter((event) => event.name === "marked" && event.side === side);
    return marks.filter(({ detail }) => Number.isFinite(detail?.x_mm) && Number.isFinite(detail?.y_mm)).map(({ detail }) => [detail.x_mm, detail.y_mm]);
  }

  // Is this the second side of the session? Told from the events, so that a page opened in its middle knows too.
  onSecondSide() {
    for (let i = this.events.length - 1; i >= 0; i -= 1) {
      if (this.events[i].name === "switch_sides") return true;
      if (ENDS.has(this.events[i].name)) return false;
    }
    return false;
  }
}

const BLANK = {
  t_s: null, state: null, side: null, worked_s: null, remaining_s: null, on_mat: false, left_force_n: null,
  right_force_n: null, movement: null, cadence_cpm: null, cycles: 0, cue: null,
};
const ENDS = new Set(["session_started", "session_done", "session_stopped"]);

function fromState(state) {
  const pad = (force) => ({ force_n: force, cop_mm: null, touching: Boolean(state.on_mat) && (force ?? 0) > 5 });
  return {
    t_s: state.t_s,
    pads: { left: pad(state.left_force_n), right: pad(state.right_force_n) },
    movement: { side: null, kind: state.movement, cadence_cpm: state.cadence_cpm, cycles: state.cycles ?? 0 },
    session: { state: state.state, side: state.side, worked_s: state.worked_s, remaining_s: state.remaining_s },
    cue: state.cue,
  };
}

export class Mats {
  // `wanted`: the one mat that this page is about, if its address says so.
  constructor(wanted = null) {
    this.all = new Map();
    this.chosen = wanted;
    this.turned = false; // the chosen mat told something else than a new force: words are due at once
  }

  get current() {
    return this.all.get(this.chosen) ?? null;
  }

  // A fresh start: everything the server knows. Ages turn into our own clock.
  restart(snapshot, nowMs) {
    this.all.clear();
    for (const [id, known] of Object.entries(snapshot)) {
      const mat = this.mat(id);
      for (const kind of ["status", "plan", "course", "config", "health", "state", "live"]) if (known[kind]) mat[kind] = known[kind];
      for (const [t, left, right] of known.trace) mat.trust(t, left, right);
      for (const event of known.events) mat.note(event, nowMs);
      for (const session of known.sessions) mat.remember(session);
      mat.heardMs = known.age_s === null ? -Infinity : nowMs - known.age_s * 1000;
      const liveLast = known.live && (!known.state || known.live.t_s >= known.state.t_s);
      mat.liveMs = liveLast ? mat.heardMs : -Infinity;
    }
  }

  take(kind, { mat, data }, nowMs) {
    const told = this.mat(mat);
    const before = told.turn;
    told.take(kind, data, nowMs);
    if (mat === this.chosen && (kind !== "live" || told.turn !== before)) this.turned = true;
  }

  mat(id) {
    if (!this.all.has(id)) this.all.set(id, new Mat(id));
    if (this.chosen === null) this.chosen = id;
    return this.all.get(id);
  }
}

// The side to speak of: the one being worked, else the one that moves, else the one that carries more.
export function sideOf(reading) {
  const { left, right } = reading.pads;
  const asked = reading.session.side ?? reading.movement.side;
  if (asked && (reading.pads[asked].touching || !(left.touching || right.touching))) return asked;
  return (right.force_n ?? 0) > (left.force_n ?? 0) ? "right" : "left";
}

// Where a pad's force lies against the person's own plan: none, unknown, any, low, in, firm, high, over.
export function zoneOf(pad, calmN, plan) {
  if (pad.force_n === null) return "unknown";
  if (!pad.touching) return "none";
  if (plan.cap_n !== null && pad.force_n > plan.cap_n) return "over";
  if (plan.zone_n === null) return "any";
  const [low, high] = plan.zone_n;
  if (calmN < low) return "low";
  if (calmN <= high) return "in";
  return calmN <= plan.too_hard_n ? "firm" : "high";
}
