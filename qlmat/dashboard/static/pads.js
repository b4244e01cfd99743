// Both pads seen from above, to scale in millimetres: three feet, the dish, the spots; the ball and its trail above.

import { readTones } from "./chart.js";
import { $, draw, make, mark, text } from "./dom.js";
import { fill, placeWords, T } from "./words.js";

const PLATE_MM = 75;
const FOOT_MM = 70; // circle of the feet
const DISH_MM = 35; // inside it all three feet stay loaded
const VIEW = [-79, -94, 158, 172]; // what the picture shows: left, top, width, height in mm
const TRAIL_S = 6;
const NEAR_MM = 8; // as good as the same spot, as in qlmat.core.spots
const APART_S = 0.095; // between two drawings: a ball is slow
const FEET_DEG = [90, 210, 330]; // to the head, to the left hip, to the right hip

// A place outside the drawing is shown at its rim; the words keep the true one.
function inside([x, y]) {
  const far = Math.max(1, Math.hypot(x, y) / PLATE_MM);
  return [x / far, y / far];
}

class Pad {
  constructor(box, side) {
    this.side = side;
    this.trail = []; // [t_s, x, y], newest last
    this.canvas = make("canvas", { class: "pad-moving", "aria-hidden": "true" });
    this.pen = this.canvas.getContext("2d");
    this.spots = draw("g");
    this.force = make("b");
    this.where = make("p", { class: "pad-where" });
    this.spot = make("p", { class: "pad-spot" });
    const picture = make("div", { class: "pad-picture" });
    picture.append(this.still(), this.canvas);
    box.append(make("figure", { class: "pad" }, picture, make("p", { class: "pad-name" }, `${T.pad[side]} `, this.force), this.where, this.spot));
    this.root = box.lastChild;
    new ResizeObserver(([{ contentRect }]) => this.fit(contentRect.width)).observe(picture);
    this.clear();
  }

  still() {
    const feet = FEET_DEG.map((degrees) => {
      const angle = (degrees * Math.PI) / 180;
      return draw("circle", { class: "foot-of-pad", r: 7, cx: FOOT_MM * Math.cos(angle), cy: -FOOT_MM * Math.sin(angle) });
    });
    const head = draw("text", { class: "head", x: 0, y: -84, "text-anchor": "middle" });
    head.textContent = T.head;
    return draw(
      "svg",
      { viewBox: VIEW.join(" "), "aria-hidden": "true" },
      draw("circle", { class: "plate", r: PLATE_MM }),
      ...feet,
      draw("circle", { class: "dish", r: DISH_MM }),
      draw("path", { class: "cross", d: "M-4 0H4M0-4V4" }),
      head,
      this.spots,
    );
  }

  fit(width) {
    if (!width) return;
    const ratio = Math.min(devicePixelRatio || 1, 3);
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(((width * VIEW[3]) / VIEW[2]) * ratio);
    this.paint();
  }

  // `target`: the spot of an earlier day to go back to, or null; `marked`: the spots of today, newest last.
  aim(target, marked) {
    const key = JSON.stringify([target, marked]);
    if (key === this.aimed) return;
    this.aimed = key;
    const at = (place) => {
      const [x, y] = inside(place);
      return `translate(${x.toFixed(1)} ${(-y).toFixed(1)})`;
    };
    const rings = target ? [draw("path", { class: "spot-aim", transform: at(target), d: "M-11 0a11 11 0 1 0 22 0a11 11 0 1 0-22 0M-15 0h8M7 0h8M0-15v8M0 7v8" })] : [];
    const marks = marked.map((place) => draw("path", { class: "spot-mark", transform: at(place), d: "M0-6 6 0 0 6-6 0Z" }));
    this.spots.replaceChildren(...rings, ...marks);
    this.target = target;
  }

  // Where the ball is, and the way from it to the spot of last time; without a ball, where that spot is.
  lead(pad) {
    this.at = pad?.cop_mm ?? null;
    text(this.where, this.at ? placeWords(this.at) : pad?.touching ? "" : T.no_ball);
    mark(this.root, "touching", Boolean(pad?.touching));
    if (!this.target) return text(this.spot, "");
    const [x, y] = this.target;
    const from = this.at ?? [0, 0];
    const near = this.at && Math.hypot(x - from[0], y - from[1]) <= NEAR_MM;
    text(this.spot, near ? T.on_spot : fill(this.at ? T.to_spot : T.spot_before, { place: placeWords([x - from[0], y - from[1]]) }));
  }

  show(pad, tS, tones) {
    if (!pad.cop_mm) {
      if (this.trail.length) this.clear();
      return;
    }
    const last = this.trail.at(-1);
    if (last && (tS < last[0] || tS - last[0] > TRAIL_S)) this.trail = [];
    if (!last || tS > last[0]) this.trail.push([tS, ...inside(pad.cop_mm)]);
    while (this.trail.length > 1 && this.trail[0][0] < tS - TRAIL_S) this.trail.shift();
    this.tones = tones;
    this.paint();
  }

  clear() {
    this.trail = [];
    this.paint();
  }

  paint() {
    const { pen, canvas, trail, tones } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (!trail.length || !tones) return;
    const scale = canvas.width / VIEW[2];
    pen.setTransform(scale, 0, 0, -scale, -VIEW[0] * scale, -VIEW[1] * scale); // y to the head
    pen.strokeStyle = pen.fillStyle = tones.accent;
    pen.lineWidth = 2.4;
    pen.lineCap = pen.lineJoin = "round";
    const half = trail.length >> 1;
    this.line(0, half + 1, 0.2);
    this.line(half, trail.length, 0.45);
    const [, x, y] = trail.at(-1);
    this.dot(x, y, 17, 0.16);
    this.dot(x, y, 6.5, 1);
    pen.lineWidth = 2;
    pen.strokeStyle = tones.card;
    pen.stroke();
  }

  line(from, to, strength) {
    this.pen.globalAlpha = strength;
    this.pen.beginPath();
    for (let i = from; i < to; i += 1) this.pen.lineTo(this.trail[i][1], this.trail[i][2]);
    this.pen.stroke();
  }

  dot(x, y, radius, strength) {
    this.pen.globalAlpha = strength;
    this.pen.beginPath();
    this.pen.arc(x, y, radius, 0, 7);
    this.pen.fill();
  }
}

export class Pads {
  constructor(box) {
    this.both = [new Pad(box, "left"), new Pad(box, "right")];
    this.tones = readTones();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (this.tones = readTones()));
  }

  // What stays for a while. `forces`: the whole newtons to print, by side.
  settle(mat, reading, forces, plan) {
    let aims = false;
    let marks = false;
    for (const pad of this.both) {
      text(pad.force, forces[pad.side] === null ? T.no_reading : `${forces[pad.side]} N`);
      const [target, marked] = [plan[pad.side]?.spot_mm ?? null, mat.marked(pad.side)];
      pad.aim(target, marked);
      pad.lead(reading.pads[pad.side]);
      aims ||= target !== null;
      marks ||= marked.length > 0;
    }
    $("key-aim").hidden = !aims;
    $("key-mark").hidden = !marks;
  }

  // What moves.
  show(mat, reading) {
    const passedS = reading.t_s - this.tS;
    if (mat === this.mat && passedS >= 0 && passedS < APART_S) return;
    this.tS = reading.t_s;
    for (const pad of this.both) {
      if (mat !== this.mat) pad.clear();
      pad.show(reading.pads[pad.side], reading.t_s, this.tones);
    }
    this.mat = mat;
  }
}
