// The first screen: what happens on the mat now. The chart and the ball move; words and numbers change at reading speed.

import { secondsOf } from "./chart.js";
import { $, make, mark, text } from "./dom.js";
import { Pads } from "./pads.js";
import { CuePanel, EventPanel, PacePanel, SessionPanel } from "./panels.js";
import { fill, T, ZONES } from "./words.js";

export class Live {
  // `changed()` is called when the chart is held or goes on.
  constructor(chart, changed) {
    this.chart = chart;
    this.held = null; // mat time at the chart's right edge while it is held
    this.mat = null;
    this.numbersMs = -Infinity;
    this.pads = new Pads($("pads"));
    this.session = new SessionPanel();
    this.pace = new PacePanel($("pace-scale"));
    this.cue = new CuePanel($("rhythm"));
    this.events = new EventPanel();
    this.inSight = watchSight($("chart"), $("pads"));
    $("hold").addEventListener("click", () => {
      this.held = this.held === null ? (this.mat?.trace.last ?? null) : null;
      $("hold").setAttribute("aria-pressed", String(this.held !== null));
      text($("hold"), this.held === null ? T.hold : T.holding);
      changed();
    });
  }

  // With each new reading: only what moves, and only what is in sight.
  draw(mat, reading, plan, nowMs) {
    this.mat = mat;
    if (this.inSight.has($("chart"))) {
      // The edge moves on without new readings, so a silent mat leaves a gap instead of a frozen picture.
      this.endS = this.held ?? mat.trace.last + (nowMs - mat.heardMs) / 1000;
      this.chart.draw(mat.trace, this.endS, this.held === null ? T.now : T.held, plan.zone_n, this.side ?? "left");
    }
    if (this.inSight.has($("pads"))) this.pads.show(mat, reading);
  }

  show({ mat, reading, plan, side, zone, link, nowMs, patterns, forces }) {
    this.side = side;
    this.force(forces[side], side, zone, link);
    $("key-zone").hidden = !plan.zone_n;
    this.pads.settle(mat, reading, forces, plan);
    this.cue.show(mat, patterns, nowMs);
    this.session.show(mat, reading);
    this.pace.show(reading, plan);
    this.events.show(mat);
    if ($("numbers").open && nowMs - this.numbersMs >= 1000) this.numbers(mat, nowMs);
  }

  force(force, side, zone, link) {
    text($("now-title"), T.pressure[side]);
    text($("force"), force ?? "–");
    const [name, advice] = link === "live" ? ZONES[zone] : [ZONES.old[0], $("now-age").textContent || ZONES.old[1]];
    mark($("zone"), "zone", link === "live" ? zone : "old");
    text($("zone-name"), name);
    text($("zone-advice"), advice);
  }

  numbers(mat, nowMs) {
    this.numbersMs = nowMs;
    const cell = (newtons) => (newtons === null ? "–" : newtons.toFixed(0));
    const rows = secondsOf(mat.trace, this.endS).map(([ago, left, right]) =>
      make("tr", {}, make("td", {}, String(ago)), make("td", {}, cell(left)), make("td", {}, cell(right))),
    );
    $("numbers-rows").replaceChildren(...rows);
  }

  health(mat) {
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
}

// The boxes that are on the screen now; on a phone most are not.
function watchSight(...boxes) {
  const seen = new Set(boxes);
  const watch = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) isIntersecting ? seen.add(target) : seen.delete(target);
  });
  boxes.forEach((box) => watch.observe(box));
  return seen;
}
