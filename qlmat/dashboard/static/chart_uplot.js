// The chart drawn by uPlot: its data are rewritten from the ring before each drawing, its colours read from the page.

import { GAP_S, readTones, SPAN_S, topOf } from "./chart.js";
import { make, text } from "./dom.js";
import { T } from "./words.js";

const [X, LEFT, RIGHT] = [0, 1, 2];
const WIDTHS = { stronger: 3, other: 1.8 };
const SLOT_S = 0.1; // one point each: 300 over the width of a phone's or a desk's chart, and the newest

export class UplotChart {
  constructor(box, uPlot) {
    this.readTones();
    this.now = { topN: 60, edge: "", zone: null, side: "left" };
    this.data = [[], [], []];
    this.axes = new Axes(box);
    const { width, height } = box.getBoundingClientRect();
    this.plot = new uPlot(this.options(Math.max(width, 50), Math.max(height, 50)), this.data, box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.readTones());
    new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width && contentRect.height) this.plot.setSize(contentRect);
    }).observe(box);
  }

  readTones() {
    this.tones = readTones();
  }

  options(width, height) {
    const tone = (name) => () => this.tones[name];
    const line = (side, dash) => ({ stroke: tone(side), dash, points: { show: false }, spanGaps: false, width: WIDTHS.other, cap: "round" });
    return {
      width,
      height,
      padding: [10, 22, 24, 48], // room for the words of the axes
      legend: { show: false },
      cursor: { show: false },
      select: { show: false },
      scales: { x: { time: false, range: [-SPAN_S, 0] }, y: { range: () => [0, this.now.topN] } },
      series: [{}, line("left"), line("right", [7, 6])],
      axes: [{ show: false }, { show: false }],
      hooks: { drawClear: [(plot) => this.behind(plot)] },
    };
  }

  draw(trace, endS, edge, zone, side) {
    this.now = { topN: topOf(trace, endS, zone), edge, zone, side };
    this.axes.say(this.now.topN, edge);
    this.fill(trace, endS);
    this.plot.series[LEFT].width = side === "left" ? WIDTHS.stronger : WIDTHS.other;
    this.plot.series[RIGHT].width = side === "right" ? WIDTHS.stronger : WIDTHS.other;
    this.plot.setData(this.data);
  }

  fill(trace, endS) {
    const [x, left, right] = (this.data = [[], [], []]);
    let before = -Infinity;
    let slot = null;
    for (let i = 0; i < trace.size; i += 1) {
      const at = trace.at(i);
      const t = trace.t[at];
      const now = Math.floor(t / SLOT_S);
      if (now === slot && i < trace.size - 1) continue;
      slot = now;
      if (!(t >= endS - SPAN_S - 1 && t <= endS + 0.5)) continue;
      if (t - before > GAP_S) this.gap(t - endS);
      x.push(t - endS);
      left.push(Number.isNaN(trace.left[at]) ? null : trace.left[at]);
      right.push(Number.isNaN(trace.right[at]) ? null : trace.right[at]);
      before = t;
    }
  }

  gap(t) {
    if (this.data[X].length === 0) return;
    this.data[X].push(t - 0.001);
    this.data[LEFT].push(null);
    this.data[RIGHT].push(null);
  }

  // What lies behind the lines: the grid, and the zone with its edges.
  behind(plot) {
    const { left, width, top, height } = plot.bbox;
    const pen = plot.ctx;
    pen.fillStyle = this.tones.edge;
    for (const part of [0, 0.5, 1]) pen.fillRect(left, Math.round(top + height * part), width, Math.max(1, Math.round(devicePixelRatio)));
    if (this.now.zone) this.band(plot);
  }

  band(plot) {
    const [low, high] = this.now.zone.map((newtons) => plot.valToPos(Math.min(newtons, this.now.topN), "y", true));
    const { left, width } = plot.bbox;
    const pen = plot.ctx;
    const ratio = devicePixelRatio || 1;
    pen.save();
    pen.fillStyle = this.tones["accent-wash"];
    pen.fillRect(left, high, width, low - high);
    pen.strokeStyle = this.tones.accent;
    pen.lineWidth = ratio;
    pen.setLineDash([2 * ratio, 5 * ratio]);
    for (const y of [low, high]) {
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(left + width, y);
      pen.stroke();
    }
    pen.restore();
  }
}

// The words of both axes: they change seldom, so they are written once and not drawn with each picture.
class Axes {
  constructor(box) {
    const word = (place) => make("span", { class: `axis ${place}` });
    this.force = [word("at-top"), word("at-middle"), word("at-zero")];
    this.edge = word("at-now");
    const [span, half] = [word("at-span"), word("at-half")];
    text(span, T.span);
    text(half, String(SPAN_S / 2));
    text(this.force[2], "0");
    box.append(...this.force, span, half, this.edge);
  }

  say(topN, edge) {
    text(this.edge, edge);
    if (topN === this.topN) return;
    this.topN = topN;
    text(this.force[0], `${topN} N`);
    text(this.force[1], String(topN / 2));
  }
}
