// What a person reads, from the message file, and how names and numbers of the mat become words.

const words = await (await fetch("/static/words.en.json")).json();

// A name comes from the network: "constructor" is in every table unless one asks for its own entries.
export const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);

export const { zones: ZONES, paces: PACES, steps: STEPS } = words;
export const UNLISTED = new Set(words.unlisted);
const WITH_SIDE = new Set(words.with_side);

export const sideWord = (side) => own(words.sides, side) ?? null;

export function stateWords({ state, side }) {
  const working = state === "working" ? own(words.working_side, side) : null;
  return working ?? own(words.states, state) ?? plain(state ?? "");
}

export function eventWords({ name, side, detail }) {
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

export const clockTime = (s) => {
  const whole = Math.max(0, Math.round(s));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

export function ago(s) {
  if (s < 1.5) return "just now";
  if (s < 90) return `${Math.round(s)} s ago`;
  return s < 5400 ? `${Math.round(s / 60)} min ago` : `${Math.round(s / 3600)} h ago`;
}

// Millimetres from the pad's centre as a person lying on it would say it.
export function placeWords([x, y]) {
  const part = (mm, plus, minus) => (Math.abs(mm) < 1 ? null : `${Math.abs(Math.round(mm))} mm ${mm > 0 ? plus : minus}`);
  const parts = [part(x, "right", "left"), part(y, "to the head", "to the hips")].filter(Boolean);
  return parts.length ? parts.join(", ") : "in the middle";
}
