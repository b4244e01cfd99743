// Which screen is shown, by the address behind the hash; what is not the first screen is fetched when it is asked for.

import { $, make } from "./dom.js";
import { own, S, T } from "./words.js";

const SCREENS = {
  check: () => import("./check.js"),
  profile: () => import("./profile.js"),
  mat: () => import("./mat.js"),
  history: () => import("./history.js"),
};

export class Screens {
  // `tools`: `controls` to send commands with, `turned()` to be called when another screen is shown.
  constructor(tools) {
    this.tools = tools;
    this.place = "live";
    this.screen = null;
    addEventListener("hashchange", () => this.turn(true));
    this.turn(false);
  }

  async turn(moved) {
    const name = location.hash.slice(1);
    const place = name === "lying" || own(SCREENS, name) ? name : "live";
    const before = this.place;
    this.place = place;
    this.screen = null;
    document.body.dataset.view = place;
    $("lying").hidden = place !== "lying";
    $("screen").hidden = !own(SCREENS, place);
    for (const link of $("places").querySelectorAll("a")) {
      if (link.hash === `#${place}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (own(SCREENS, place)) await this.open(place);
    if (moved && before !== place) this.focus(place, before);
    this.tools.turned();
  }

  async open(place) {
    const title = make("h1", { tabindex: "-1", class: "screen-title" }, S[place].title);
    const box = make("div", { class: "screen-body" });
    $("screen").replaceChildren(title, box);
    try {
      const { open } = await SCREENS[place]();
      const screen = await open(box, this.tools);
      if (this.place === place) this.screen = screen; // else somebody was quicker
    } catch {
      box.replaceChildren(make("p", { role: "alert" }, T.no_screen)); // the server is away
    }
  }

  // Where a keyboard or a screen reader goes on.
  focus(place, before) {
    if (place === "lying") $("rise").focus();
    else if (place === "live") (before === "lying" ? $("lie") : $("now")).focus({ preventScroll: true });
    else $("screen").querySelector("h1")?.focus();
    if (place !== "lying") scrollTo(0, 0);
  }

  show(now) {
    this.screen?.show(now);
  }
}
