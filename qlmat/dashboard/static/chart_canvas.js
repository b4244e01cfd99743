// The chart without uPlot: the last 30 seconds of both pads on a plain canvas, the zone as a band.

import { GAP_S, readTones, SPAN_S, topOf } from "./chart.js";
import { make } from "./dom.js";
import { T } from "./words.js";

const PAD = { left: 48, right: 12, top: 10, bottom: 22 };

export class CanvasChart {
  constructor(box) {
    this.canvas = make("canvas");
    box.append(this.canvas);
    this.pen = this.canvas.getContext("2d");
    this.readTones();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.readTones());
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    this.fit();
  }

  readTones() {
    this.tones = readTones();
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
    this.topN = topOf(trace, endS, zone);
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

  x(t, endS) {
    return this.width - PAD.right - ((endS - t) / SPAN_S) * (this.width - PAD.left - PAD.right);
  }

  y(newtons) {
    const free = this.height - PAD.top - PAD.bottom;
    return PAD.top + free * (1 - Math.min(newtons, this.topN * 1.02) / this.topN);
  }

  axes(edge) {
    const { pen, tones } = this;
    pen.font = tones.font;
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
    for (const [seconds, align, words] of [[30, "left", T.span], [15, "center", "15"], [0, "right", edge]]) {
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
