// Every word a person reads, in one place. Names of the mat on the left, English on the right.

export const STATES = {
  waiting: "Ready when you are",
  placing: "Place the ball",
  settling: "Settle on the ball",
  working: "Working",
  switching: "Change to the other side",
  done: "All done, well done",
  paused: "Paused",
  stopped: "Stopped",
};

export const KINDS = { rock: "Rocking", bend: "Bending the knee", still: "Holding still" };

export const CUES = {
  on_the_spot: ["On the spot", "Comfortable pressure, right place"],
  too_hard: ["A bit much", "Ease off a little"],
  ease_off: ["Too much", "Lift off the ball"],
  too_fast: ["Too fast", "Take your time"],
  keep_going: ["Keep going", "Move gently"],
  switch_sides: ["Change sides", "Move to the other ball"],
  done: ["Done", "Both sides are finished"],
  ball_lost: ["Ball lost", "Find the ball again"],
  stopped: ["Stopped", "Everything is off"],
  pace: ["Pace", "Turn with the tick"],
};

export const ZONES = {
  none: ["Nothing on the mat", "Lie back onto the ball"],
  unknown: ["No reading", "A foot of this pad does not answer"],
  any: ["Pressure on the pad", "Your zone is set once you settle"],
  low: ["Light", "Let a little more weight down"],
  in: ["In your zone", "Comfortable pressure"],
  firm: ["Firm", "A little less is enough"],
  high: ["A bit much", "Ease off a little"],
  over: ["Too much", "Lift off the ball"],
};

export const PACES = {
  none: "Aim for slow and even",
  slow: "Slow, and that is fine",
  in: "A good pace",
  quick: "A little quick",
  fast: "Too fast, slow down",
};

const EVENTS = {
  session_started: "The session began",
  session_done: "The session is complete",
  session_stopped: "The session was stopped",
  placed: "The ball is in place",
  on_the_spot: "On the spot",
  settled: "Settled",
  work_started: "Work began",
  half_minute_left: "Half a minute to go",
  side_done: "This side is done",
  switch_sides: "Time to change over",
  ball_lost: "The ball was lost",
  ball_found: "The ball is back",
  signal_lost: "The pad cannot be read",
  signal_found: "The pad can be read again",
  over_cap: "Too much: lift off",
  over_cap_over: "No longer too much",
  too_hard: "A bit much: ease off",
  too_hard_over: "Comfortable again",
  too_fast: "Too fast: slow down",
  too_fast_over: "Pace is good again",
  resting: "Holding still",
  moving_again: "Moving again",
  paused: "Paused",
  resumed: "Went on",
  tared: "The empty mat was set to zero",
  marked: "The spot was remembered",
  command_refused: "The mat did not do that",
};

export const TICKS = new Set(["turn_ahead"]); // events that belong to a rhythm, not to a list

export const sideWord = (side) => (side === "left" ? "left" : side === "right" ? "right" : null);

export function stateWords(session) {
  const words = STATES[session?.state] ?? plain(session?.state ?? "");
  const side = sideWord(session?.side);
  return session?.state === "working" && side ? `Working the ${side} side` : words;
}

export function eventWords(event) {
  const words = EVENTS[event.name] ?? plain(event.name);
  const reason = typeof event.detail?.reason === "string" ? `: ${event.detail.reason}` : "";
  const side = sideWord(event.side);
  return `${words}${side && !words.includes("side") ? `, ${side} side` : ""}${reason}`;
}

export function kindWords(movement) {
  if (!movement || movement.kind === null) return "No movement yet";
  return KINDS[movement.kind] ?? plain(movement.kind);
}

export const cueWords = (cue) => CUES[cue] ?? [plain(cue), ""];

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
