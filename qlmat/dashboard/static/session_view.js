// How one session ran: both sides over its whole length, to zoom into, with what happened marked on it and listed below.

import { load, readTones } from "./chart.js";
import { make, text } from "./dom.js";
import { action, card } from "./form.js";
import { clockTime, eventWords, fill, S, UNLISTED } from "./words.js";

const V = S.history.view;
const EACH_S = 10; // one row of the table
const STEP = 0.5; // of what is shown, for each press

export class SessionView {
  constructor() {
    this.title = make("p", { class: "statement", tabindex: "-1" });
    this.box = make("div", { class: "session-chart", role: "img", "aria-label": V.label });
    const step = (words, act) => action(words, () => act(), "plain small");
    this.tools = make("div", { class: "picks" }, step(V.closer, () => this.zoom(STEP)), step(V.further, () => this.zoom(1 / STEP)), step(V.earlier, () => this.move(-STEP)), step(V.later, () => this.move(STEP)), step(V.whole, () => this.look(0, this.whole)));
    this.events = make("ol", { class: "events" });
    this.rows = make("tbody");
    const heads = V.heads.map((words) => make("th", { scope: "col" }, words));
    const table = make("table", {}, make("caption", {}, V.each), make("thead", {}, make("tr", {}, ...heads)), this.rows);
    const numbers = make("details", {}, make("summary", {}, V.numbers), make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": V.numbers }, table));
    const log = make("div", { class: "log-scroll", tabindex: "0", role: "group", "aria-label": V.events }, this.events);
    this.root = card(V.title, this.title, this.box, this.tools, log, numbers);
    this.root.hidden = true;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plot && this.draw());
    new ResizeObserver(([{ contentRect }]) => contentRect.width && this.plot?.setSize({ width: contentRect.width, height: 260 })).observe(this.box);
  }

  async open(mat, n) {
    const answer = await fetch(`/api/mats/${encodeURIComponent(mat)}/sessions/${n}`);
    this.root.hidden = false;
    if (!answer.ok) return text(this.title, (await answer.json()).error);
    const { summary, trace, events } = await answer.json();
    const firstS = trace[0][0];
    this.data = [trace.map(([t]) => t - firstS), trace.map((row) => row[1]), trace.map((row) => row[2])];
    this.whole = Math.max(this.data[0].at(-1), 1);
    this.marks = events.filter(({ name }) => !UNLISTED.has(name)).map((event) => ({ at: Math.max(0, event.t_s - firstS), words: eventWords(event) }));
    text(this.title, fill(V.long, { n: summary.n, time: clockTime(this.whole) }));
    this.list();
    await this.draw();
    this.title.focus();
  }

  list() {
    this.events.replaceChildren(...this.marks.map(({ at, words }) => make("li", {}, make("time", {}, clockTime(at)), words)));
    const [times, left, right] = this.data;
    const mean = (values) => (values.length ? String(Math.round(values.reduce((sum, n) => sum + n, 0) / values.length)) : "–");
    const rows = [];
    for (let from = 0; from <= this.whole; from += EACH_S) {
      const here = times.map((t, i) => (t >= from && t < from + EACH_S ? i : -1)).filter((i) => i >= 0);
      const side = (values) => mean(here.map((i) => values[i]).filter((value) => value !== null));
      rows.push(make("tr", {}, make("th", { scope: "row" }, clockTime(from)), make("td", {}, side(left)), make("td", {}, side(right))));
    }
    this.rows.replaceChildren(...rows);
  }

  async draw() {
    const uPlot = await load();
    this.tools.hidden = this.box.hidden = !uPlot; // without its library the list and the table tell it
    if (!uPlot) return;
    this.plot?.destroy();
    const tones = readTones();
    const axis = { stroke: tones.soft, font: tones.font, ticks: { show: false } };
    const line = (name, dash) => ({ stroke: tones[name], width: 2, dash, points: { show: false } });
    const options = {
      width: this.box.clientWidth,
      height: 260,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: true } },
      scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(60, (most ?? 0) * 1.06)] } },
      series: [{}, line("left"), line("right", [7, 6])],
      axes: [
        { ...axis, grid: { show: false }, values: (_, splits) => splits.map(clockTime) },
        { ...axis, size: 52, grid: { stroke: tones.edge, width: 1 }, values: (_, splits) => splits.map((n) => `${n} N`) },
      ],
      hooks: { drawClear: [(plot) => this.strokes(plot, tones)] },
    };
    this.plot = new uPlot(options, this.data, this.box);
  }

  // A thin upright line where something happened.
  strokes(plot, tones) {
    const { top, height, left, width } = plot.bbox;
    const pen = plot.ctx;
    pen.save();
    pen.strokeStyle = tones.soft;
    pen.lineWidth = devicePixelRatio || 1;
    pen.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const { at } of this.marks) {
      const x = plot.valToPos(at, "x", true);
      if (x < left || x > left + width) continue;
      pen.beginPath();
      pen.moveTo(x, top);
      pen.lineTo(x, top + height);
      pen.stroke();
    }
    pen.restore();
  }

  zoom(factor) {
    const { min, max } = this.plot.scales.x;
    const half = ((max - min) * factor) / 2;
    this.look((min + max) / 2 - half, (min + max) / 2 + half);
  }

  move(part) {
    const { min, max } = this.plot.scales.x;
    const step = (max - min) * part;
    const free = Math.min(Math.max(step, -min), this.whole - max);
    this.look(min + free, max + free);
  }

  look(min, max) {
    const least = Math.min(5, this.whole); // seconds: closer there is nothing more to see
    const [from, to] = [Math.max(0, min), Math.min(this.whole, max)];
    if (to - from >= least) this.plot.setScale("x", { min: from, max: to });
  }
}
