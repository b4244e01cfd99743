// The last 30 seconds of both pads, the zone as a band. Drawn by uPlot; by a plain canvas where it was not built in.

import { CanvasChart } from "./chart_canvas.js";
import { UplotChart } from "./chart_uplot.js";
import { make, reducedMotion } from "./dom.js";

export const SPAN_S = 30;
export const GAP_S = 2.5; // a longer silence breaks the line
const TOPS_N = [60, 80, 100, 150, 200, 300, 400, 600, 1000];

// Both charts have `draw(trace, endS, edge, zone, side)`. `endS`: mat time at the right edge, called `edge`.
// `zone`: [low, high] newtons or null. `side`: the stronger line.
export async function openChart(box) {
  const uPlot = await load();
  box.dataset.chart = uPlot ? "uplot" : "canvas";
  return uPlot ? new UplotChart(box, uPlot) : new CanvasChart(box);
}

export async function load() {
  try {
    const [{ default: uPlot }] = await Promise.all([import("/static/uplot.js"), style("/static/uplot.css")]);
    return uPlot;
  } catch {
    return null;
  }
}

function style(href) {
  const link = make("link", { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((done, fail) => Object.assign(link, { onload: done, onerror: fail }));
}

export function readTones() {
  const css = getComputedStyle(document.documentElement);
  const names = ["ink", "soft", "faint", "edge", "accent", "accent-wash", "left", "right", "card"];
  const tones = Object.fromEntries(names.map((name) => [name, css.getPropertyValue(`--${name}`).trim()]));
  return { ...tones, font: `13px ${css.fontFamily}` };
}

// The top of the scale: it steps, so that it does not follow every breath.
export function topOf(trace, endS, zone) {
  let most = zone ? zone[1] * 1.25 : 0;
  for (let i = 0; i < trace.size; i += 1) {
    const at = trace.at(i);
    if (trace.t[at] < endS - SPAN_S) continue;
    most = Math.max(most, trace.left[at] || 0, trace.right[at] || 0);
  }
  return TOPS_N.find((top) => top >= most * 1.06) ?? TOPS_N.at(-1);
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

export const freshMs = () => (reducedMotion.matches ? 1000 : 45); // 20 times a second, with room for a message that comes early
