// The chart drawn by uPlot: its data are rewritten from the ring before each drawing, its colours read from the page.

import { GAP_S, readTones, SPAN_S, topOf } from "./chart.js";
import { T } from "./words.js";

const [X, LEFT, RIGHT] = [0, 1, 2];
const WIDTHS = { stronger: 3, other: 1.8 };

export class UplotChart {
  constructor(box, uPlot) {
    this.readTones();
    this.now = { topN: 60, edge: "", zone: null, side: "left" };
    this.data = [[], [], []];
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
    const axis = { stroke: tone("soft"), font: this.tones.font, ticks: { show: false } };
    return {
      width,
      height,
      padding: [10, 22, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false },
      scales: { x: { time: false, range: [-SPAN_S, 0] }, y: { range: () => [0, this.now.topN] } },
      series: [{}, line("left"), line("right", [7, 6])],
      axes: [
        { ...axis, size: 24, gap: 5, grid: { show: false }, splits: [-SPAN_S, -SPAN_S / 2, 0], values: () => [T.span, "15", this.now.edge] },
        { ...axis, size: 48, gap: 7, grid: { stroke: tone("edge"), width: 1 }, splits: () => [0, this.now.topN / 2, this.now.topN], values: (_, [low, mid, top]) => [low, mid, `${top} N`] },
      ],
      hooks: { drawClear: [(plot) => this.band(plot)] },
    };
  }

  draw(trace, endS, edge, zone, side) {
    this.now = { topN: topOf(trace, endS, zone), edge, zone, side };
    this.fill(trace, endS);
    this.plot.series[LEFT].width = side === "left" ? WIDTHS.stronger : WIDTHS.other;
    this.plot.series[RIGHT].width = side === "right" ? WIDTHS.stronger : WIDTHS.other;
    this.plot.setData(this.data);
  }

  fill(trace, endS) {
    const [x, left, right] = (this.data = [[], [], []]);
    let before = -Infinity;
    for (let i = 0; i < trace.size; i += 1) {
      const at = trace.at(i);
      const t = trace.t[at];
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

  band(plot) {
    if (!this.now.zone) return;
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
