// Both pads seen from above, to scale in millimetres: three feet, the dish, the ball and its short trail.

import { draw, make, mark, set, text } from "./dom.js";
import { placeWords, T } from "./words.js";

const PLATE_MM = 75;
const FOOT_MM = 70; // circle of the feet
const DISH_MM = 35; // inside it all three feet stay loaded
const TRAIL_S = 6;
const APART_S = 0.095; // between two drawings: a ball is slow
const FEET_DEG = [90, 210, 330]; // to the head, to the left hip, to the right hip

class Pad {
  constructor(box, side) {
    this.side = side;
    this.trail = []; // [t_s, x, y], newest last
    this.older = draw("polyline", { class: "trail older" });
    this.recent = draw("polyline", { class: "trail" });
    this.ball = draw("circle", { class: "ball", r: 17 });
    this.cop = draw("circle", { class: "cop", r: 6.5 });
    this.force = make("b");
    this.where = make("p", { class: "pad-where" });
    this.root = make("figure", { class: "pad" }, this.picture(), make("p", { class: "pad-name" }, `${T.pad[side]} `, this.force), this.where);
    box.append(this.root);
    this.rest();
  }

  picture() {
    const feet = FEET_DEG.map((degrees) => {
      const angle = (degrees * Math.PI) / 180;
      return draw("circle", { class: "foot-of-pad", r: 7, cx: FOOT_MM * Math.cos(angle), cy: -FOOT_MM * Math.sin(angle) });
    });
    const head = draw("text", { class: "head", x: 0, y: -84, "text-anchor": "middle" });
    head.textContent = T.head;
    return draw(
      "svg",
      { viewBox: "-79 -94 158 172", "aria-hidden": "true" },
      draw("circle", { class: "plate", r: PLATE_MM }),
      ...feet,
      draw("circle", { class: "dish", r: DISH_MM }),
      draw("path", { class: "cross", d: "M-4 0H4M0-4V4" }),
      head,
      this.older,
      this.recent,
      this.ball,
      this.cop,
    );
  }

  show(pad, tS) {
    mark(this.root, "touching", pad.touching);
    if (!pad.cop_mm) return this.rest(pad);
    const [x, y] = pad.cop_mm;
    const last = this.trail.at(-1);
    if (last && (tS < last[0] || tS - last[0] > TRAIL_S)) this.trail = [];
    if (!last || tS > last[0]) this.trail.push([tS, x, -y]);
    while (this.trail.length && this.trail[0][0] < tS - TRAIL_S) this.trail.shift();
    this.place(x, -y);
    text(this.where, placeWords(pad.cop_mm));
  }

  rest(pad) {
    this.trail = [];
    for (const part of [this.ball, this.cop]) part.setAttribute("visibility", "hidden");
    this.drawTrail();
    text(this.where, pad?.touching ? "" : T.no_ball);
  }

  place(x, y) {
    // A ball outside the drawing is shown at its rim; the words keep the true place.
    const far = Math.hypot(x, y) / PLATE_MM;
    const [cx, cy] = far > 1 ? [x / far, y / far] : [x, y];
    for (const part of [this.ball, this.cop]) set(part, { cx: cx.toFixed(1), cy: cy.toFixed(1), visibility: "visible" });
    this.drawTrail();
  }

  drawTrail() {
    const half = Math.floor(this.trail.length / 2);
    const points = (rows) => rows.map(([, x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    set(this.older, { points: points(this.trail.slice(0, half + 1)) });
    set(this.recent, { points: points(this.trail.slice(half)) });
  }
}

export class Pads {
  constructor(box) {
    this.left = new Pad(box, "left");
    this.right = new Pad(box, "right");
  }

  // `forces`: the whole newtons to print, by side.
  show(mat, reading, forces) {
    for (const pad of [this.left, this.right]) text(pad.force, forces[pad.side] === null ? T.no_reading : `${forces[pad.side]} N`);
    const passedS = reading.t_s - this.tS;
    if (mat === this.mat && passedS > 0 && passedS < APART_S) return;
    this.tS = reading.t_s;
    for (const pad of [this.left, this.right]) {
      if (mat !== this.mat) pad.rest();
      pad.show(reading.pads[pad.side], reading.t_s);
    }
    this.mat = mat;
  }
}
