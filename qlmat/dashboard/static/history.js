// The course of fourteen days, the sessions that have ended, and how one of them ran.

import { make, mark, text } from "./dom.js";
import { action, card } from "./form.js";
import { SessionView } from "./session_view.js";
import { clockTime, courseWords, fill, language, own, plain, S, T } from "./words.js";

const H = S.history;

export function open(box) {
  const course = new Course();
  const view = new SessionView();
  const list = new List((mat, n) => view.open(mat, n));
  box.replaceChildren(course.root, list.root, view.root);
  return {
    show({ mat }) {
      course.show(mat);
      list.show(mat);
    },
  };
}

class Course {
  constructor() {
    this.words = make("p", { class: "statement" });
    this.days = make("ol", { class: "days" });
    this.root = card(H.course, this.words, this.days);
    this.key = null;
  }

  show({ id, course }) {
    const key = `${id} ${JSON.stringify(course)}`;
    if (key === this.key) return;
    this.key = key;
    text(this.words, course ? courseWords(course) : H.no_course);
    const done = course ? (course.today > 0 ? course.day : course.day - 1) : 0;
    const days = Array.from({ length: course?.of ?? 0 }, (_, i) => {
      const state = i < done ? "done" : i === done ? "next" : "ahead";
      const day = make("li", {}, make("span", {}, make("span", { class: "said-only" }, fill(H.day, { n: "" })), String(i + 1)), make("small", {}, H.days[state]));
      mark(day, "day", state);
      return day;
    });
    this.days.replaceChildren(...days);
  }
}

class List {
  // `choose(mat, n)` shows one session.
  constructor(choose) {
    this.choose = choose;
    this.key = null;
    this.rows = make("tbody");
    const heads = H.heads.map((words) => make("th", { scope: "col" }, words));
    const table = make("table", { class: "past" }, make("caption", {}, H.heard), make("thead", {}, make("tr", {}, ...heads)), this.rows);
    this.table = make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": H.sessions }, table);
    this.none = make("p", {}, H.none);
    this.root = card(H.sessions, this.none, this.table);
  }

  show({ id, sessions }) {
    const key = `${id} ${sessions.length} ${sessions.at(-1)?.n}`;
    if (key === this.key) return;
    this.key = key;
    this.table.hidden = sessions.length === 0;
    this.none.hidden = sessions.length > 0;
    this.rows.replaceChildren(...sessions.toReversed().map((session) => this.row(id, session)));
  }

  row(mat, session) {
    const force = (side) => (session[side]?.force_n == null ? "–" : `${Math.round(session[side].force_n)} N`);
    const paces = ["left", "right"].map((side) => session[side]?.cadence_cpm).filter((pace) => pace != null);
    const pace = paces.length ? String(Math.round(paces.reduce((sum, n) => sum + n, 0) / paces.length)) : "–";
    const result = own(T.results, session.result) ?? plain(session.result);
    const cells = [result + (session.reason ? `: ${session.reason}` : ""), session.seconds == null ? "–" : clockTime(session.seconds), force("left"), force("right"), pace];
    const day = session.seen ? action(when(session.began), () => this.choose(mat, session.n), "quiet") : when(session.began);
    return make("tr", {}, make("th", { scope: "row" }, day), ...cells.map((words) => make("td", {}, words)));
  }
}

function when(began) {
  const at = new Date(began ?? NaN);
  return Number.isNaN(at.getTime()) ? "–" : at.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}
