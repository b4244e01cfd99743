// The last 30 seconds of both pads on a canvas, the zone as a band. At most 20 drawings a second, none when hidden.

import { reducedMotion } from "./dom.js";

const SPAN_S = 30;
const GAP_S = 2.5; // a longer silence breaks the line
const TOPS_N = [60, 80, 100, 150, 200, 300, 400, 600, 1000];
const PAD = { left: 48, right: 12, top: 10, bottom: 22 };

export class Chart {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.topN = TOPS_N[0];
    this.readTones();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.readTones());
    new ResizeObserver(() => this.fit()).observe(canvas);
    this.fit();
  }

  readTones() {
    const style = getComputedStyle(document.documentElement);
    const tone = (name) => style.getPropertyValue(name).trim();
    this.tones = Object.fromEntries(
      ["ink", "soft", "faint", "edge", "accent", "accent-wash", "left", "right", "card"].map((n) => [n, tone(`--${n}`)]),
    );
    this.font = `12.5px ${style.fontFamily}`;
  }

  fit() {
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    const { width, height } = this.canvas.getBoundingClientRect();
    this.width = width;
    this.height = height;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  // `endS`: mat time at the right edge, called `edge`. `zone`: [low, high] newtons or null. `side`: the stronger line.
  draw(trace, endS, edge, zone, side) {
    const { pen, tones } = this;
    this.scale(trace, endS, zone);
    pen.clearRect(0, 0, this.width, this.height);
    if (zone) this.band(zone);
    this.axes(edge);
    if (!Number.isFinite(endS)) return;
    pen.save();
    pen.beginPath();
    pen.rect(PAD.left, 0, this.width - PAD.left - PAD.right + 6, this.height - PAD.bottom + 2);
    pen.clip();
    const other = side === "left" ? "right" : "left";
    this.line(trace, trace[other], endS, tones[other], 1.8, other === "right");
    this.line(trace, trace[side], endS, tones[side], 3, side === "right");
    pen.restore();
  }

  scale(trace, endS, zone) {
    let most = zone ? zone[1] * 1.25 : 0;
    for (let i = 0; i < trace.size; i += 1) {
      const at = trace.at(i);
      if (trace.t[at] < endS - SPAN_S) continue;
      most = Math.max(most, trace.left[at] || 0, trace.right[at] || 0);
    }
    this.topN = TOPS_N.find((top) => top >= most * 1.06) ?? TOPS_N.at(-1);
  }

  x(t, endS) {
    return this.width - PAD.right - ((endS - t) / SPAN_S) * (this.width - PAD.left - PAD.right);
  }

  y(newtons) {
    const free = this.height - PAD.top - PAD.bottom;
    return PAD.top + free * (1 - Math.min(newtons, this.topN * 1.02) / this.topN);
  }

  axes(edge) {
    const { pen, tones } = this;
    pen.font = this.font;
    pen.fillStyle = tones.soft;
    pen.strokeStyle = tones.edge;
    pen.lineWidth = 1;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (let part = 0; part <= 2; part += 1) {
      const newtons = (this.topN * part) / 2;
      const y = Math.round(this.y(newtons)) + 0.5;
      pen.beginPath();
      pen.moveTo(PAD.left, y);
      pen.lineTo(this.width - PAD.right, y);
      pen.stroke();
      pen.fillText(part === 2 ? `${newtons} N` : `${newtons}`, PAD.left - 7, y);
    }
    pen.textBaseline = "alphabetic";
    for (const [seconds, align, words] of [[30, "left", "30 s ago"], [15, "center", "15"], [0, "right", edge]]) {
      pen.textAlign = align;
      pen.fillText(words, this.x(-seconds, 0), this.height - 4);
    }
  }

  band([low, high]) {
    const { pen, tones } = this;
    const [top, bottom] = [this.y(high), this.y(low)];
    const right = this.width - PAD.right;
    pen.fillStyle = tones["accent-wash"];
    pen.fillRect(PAD.left, top, right - PAD.left, bottom - top);
    pen.strokeStyle = tones.accent;
    pen.lineWidth = 1;
    pen.setLineDash([2, 5]);
    for (const y of [top, bottom]) {
      pen.beginPath();
      pen.moveTo(PAD.left, y);
      pen.lineTo(right, y);
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  line(trace, values, endS, tone, width, dashed) {
    const { pen } = this;
    pen.strokeStyle = tone;
    pen.lineWidth = width;
    pen.lineJoin = pen.lineCap = "round";
    pen.setLineDash(dashed ? [7, 6] : []);
    pen.beginPath();
    let before = -Infinity;
    for (let i = 0; i < trace.size; i += 1) {
      const at = trace.at(i);
      const t = trace.t[at];
      if (t < endS - SPAN_S - 1 || t > endS + 0.5 || Number.isNaN(values[at])) continue;
      if (t - before > GAP_S) pen.moveTo(this.x(t, endS), this.y(values[at]));
      else pen.lineTo(this.x(t, endS), this.y(values[at]));
      before = t;
    }
    pen.stroke();
    pen.setLineDash([]);
  }
}

// The mean of each second, newest first: [seconds ago, left | null, right | null].
export function secondsOf(trace, endS) {
  const sums = new Map();
  for (let i = 0; i < trace.size; i += 1) {
    const at = trace.at(i);
    const second = Math.floor(endS - trace.t[at]);
    if (second < 0 || second >= SPAN_S) continue;
    const row = sums.get(second) ?? { left: [], right: [] };
    for (const side of ["left", "right"]) if (!Number.isNaN(trace[side][at])) row[side].push(trace[side][at]);
    sums.set(second, row);
  }
  const mean = (list) => (list.length ? list.reduce((sum, n) => sum + n, 0) / list.length : null);
  return [...sums].sort(([a], [b]) => a - b).map(([ago, row]) => [ago, mean(row.left), mean(row.right)]);
}

export const frameMs = () => (reducedMotion.matches ? 1000 : 50);
