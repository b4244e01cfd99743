// The course of daily sessions and the sessions that have ended, as far as this page has heard of them.

import { $, make, mark, text } from "./dom.js";
import { clockTime, fill, language, own, plain, T } from "./words.js";

export class PastPanel {
  constructor() {
    this.shown = null;
  }

  show(mat) {
    const { course, sessions } = mat;
    const key = `${mat.id} ${JSON.stringify(course)} ${sessions.length} ${sessions.at(-1)?.n}`;
    if (key === this.shown) return;
    this.shown = key;
    $("past").hidden = !course && sessions.length === 0;
    $("course").hidden = !course;
    if (course) this.course(course);
    $("sessions-box").hidden = sessions.length === 0;
    $("sessions").replaceChildren(...sessions.toReversed().map(row));
  }

  course({ day, of, today, missed, more_today: more }) {
    const words = [fill(T.course_day, { day, of }), today ? fill(T.course_today, { n: today }) : T.course_none_today];
    if (missed) words.push(fill(T.course_missed, { n: missed }));
    words.push(more ? T.course_more : T.course_enough);
    text($("course-words"), words.join(" · "));
    const done = today > 0 ? day : day - 1;
    const days = Array.from({ length: of }, (_, i) => {
      const dot = make("li", { "aria-hidden": "true" }, String(i + 1));
      mark(dot, "day", i < done ? "done" : i === done ? "next" : "ahead");
      return dot;
    });
    $("days").replaceChildren(...days);
  }
}

function row(session) {
  const began = new Date(session.began ?? NaN);
  const when = Number.isNaN(began.getTime()) ? "–" : began.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  const force = (side) => (session[side]?.force_n == null ? "–" : `${Math.round(session[side].force_n)} N`);
  const paces = ["left", "right"].map((side) => session[side]?.cadence_cpm).filter((pace) => pace != null);
  const pace = paces.length ? String(Math.round(paces.reduce((sum, n) => sum + n, 0) / paces.length)) : "–";
  const result = own(T.results, session.result) ?? plain(session.result);
  const cells = [result + (session.reason ? `: ${session.reason}` : ""), session.seconds == null ? "–" : clockTime(session.seconds), force("left"), force("right"), pace];
  return make("tr", {}, make("th", { scope: "row" }, when), ...cells.map((words) => make("td", {}, words)));
}
