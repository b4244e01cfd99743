// What a person reads, from the message file, and how names and numbers of the mat become words.

const LANGUAGES = ["en", "de"]; // one file of words each

const spoken = [remembered(), ...navigator.languages].map((tag) => tag?.slice(0, 2));
export const language = spoken.find((tag) => LANGUAGES.includes(tag)) ?? "en";
const words = await (await fetch(`/static/words.${language}.json`)).json();

function remembered() {
  try {
    return localStorage.getItem("language");
  } catch {
    return null; // a browser that keeps nothing
  }
}

// The words that stand in the page itself.
export function translate(select) {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = words.page[node.dataset.word];
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words.page[node.dataset.label]);
  select.value = language;
  select.addEventListener("change", () => {
    localStorage.setItem("language", select.value);
    location.reload();
  });
}

// What the core asks before a session, and the words of each position; fetched when first needed.
let practice = null;
export const practiceWords = () => (practice ??= fetchPractice());

async function fetchPractice() {
  try {
    return await (await fetch(`/static/practice.${language}.json`)).json();
  } catch (error) {
    practice = null; // asked for again the next time
    throw error;
  }
}

// What each number of a command may be, from the mat's own table: {command: {key: {unit, min, max, step}}}.
let fields = null;
export const fieldsOf = () => (fields ??= fetch("/static/fields.json").then((answer) => answer.json()));

// A name comes from the network: "constructor" is in every table unless one asks for its own entries.
export const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);

export const { zones: ZONES, paces: PACES, steps: STEPS, text: T, links: LINKS, screens: S, door } = words;

export const fill = (sentence, parts) => sentence.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "");
export const UNLISTED = new Set(words.unlisted);
const WITH_SIDE = new Set(words.with_side);

export const sideWord = (side) => own(words.sides, side) ?? null;

export function stateWords({ state, side }) {
  const working = state === "working" ? own(words.working_side, side) : null;
  return working ?? own(words.states, state) ?? plain(state ?? "");
}

export function eventWords({ name, side, detail }) {
  if (name === "lead" && Number.isFinite(detail?.right_mm) && Number.isFinite(detail?.up_mm)) return fill(T.to_spot, { place: placeWords([detail.right_mm, detail.up_mm]) });
  const said = own(words.events, name) ?? plain(name);
  const where = sideWord(side) && WITH_SIDE.has(name) ? `, ${sideWord(side)}` : "";
  return `${said}${where}${typeof detail?.reason === "string" ? `: ${detail.reason}` : ""}`;
}

export const kindWords = (kind) => own(words.kinds, kind ?? "none") ?? plain(kind);

export const cueWords = (cue) => own(words.cues, cue ?? "none") ?? [plain(cue), ""];

// "side_done" -> "Side done": an event of a later version still reads as words.
export const plain = (name) => {
  const words = String(name).replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function courseWords({ day, of, today, missed, more_today: more, next }) {
  if (next === "strengthening") return T.course_over;
  const words = [fill(T.course_day, { day, of }), today ? fill(T.course_today, { n: today }) : T.course_none_today];
  if (missed) words.push(fill(T.course_missed, { n: missed }));
  words.push(more ? T.course_more : T.course_enough);
  return words.join(" · ");
}

export const clockTime = (s) => {
  const whole = Math.max(0, Math.round(s));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

export function ago(s) {
  if (s < 1.5) return T.just_now;
  if (s < 90) return fill(T.s_ago, { n: Math.round(s) });
  return s < 5400 ? fill(T.min_ago, { n: Math.round(s / 60) }) : fill(T.h_ago, { n: Math.round(s / 3600) });
}

// Millimetres from the pad's centre as a person lying on it would say it.
export function placeWords([x, y]) {
  const part = (mm, plus, minus) => (Math.abs(mm) < 1 ? null : fill(mm > 0 ? plus : minus, { n: Math.abs(Math.round(mm)) }));
  const parts = [part(x, T.mm_right, T.mm_left), part(y, T.mm_head, T.mm_hips)].filter(Boolean);
  return parts.length ? parts.join(", ") : T.middle;
}
