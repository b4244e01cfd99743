// Whether what you see is true: the way from mat to page, one word in the bar, one banner when it is broken.

import { $, mark, text } from "./dom.js";
import { STALE_MS } from "./mats.js";
import { ago } from "./words.js";

// [link, word in the bar, title and text of the banner]; the first thing that is wrong, nearest to the reader first.
export function linkOf({ server, broker, mat, nowMs, sinceMs }) {
  const age = mat ? nowMs - mat.heardMs : Infinity;
  if (!server) {
    if (nowMs - sinceMs < STALE_MS && !mat) return ["connecting", "Connecting"];
    return ["server", "Not connected", "This page has lost its server.", "What you see is old. Trying again."];
  }
  if (!broker) return ["broker", "No broker", "The MQTT broker cannot be reached.", "What you see is old. Trying again."];
  if (!mat) return ["empty", "No mat yet", "No mat has been heard of yet.", "Switch a mat on, or start 'qlmat demo'."];
  if (mat.status?.state === "offline") return ["offline", "Mat is off", "The mat is switched off or out of reach.", ageWords(age)];
  if (age > STALE_MS) return ["silent", "Mat is silent", "The mat sends no readings.", ageWords(age)];
  return ["live", "Live"];
}

const ageWords = (ms) => (Number.isFinite(ms) ? `Last reading ${ago(ms / 1000)}.` : "No reading yet.");

export function showLink(known) {
  const [link, word, title, words] = linkOf(known);
  const age = known.mat ? known.nowMs - known.mat.heardMs : Infinity;
  mark(document.body, "link", link);
  mark(document.body, "fresh", link === "live" ? "yes" : "stale");
  text($("link-text"), word);
  text($("now-age"), Number.isFinite(age) ? (link === "live" ? "now" : ago(age / 1000)) : "");
  const banner = $("banner");
  if (banner.hidden === Boolean(title)) banner.hidden = !title;
  if (title) {
    text($("banner-title"), title);
    text($("banner-text"), words);
  }
  return link;
}
