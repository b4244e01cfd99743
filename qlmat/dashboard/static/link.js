// Whether what you see is true: the way from mat to page, one word in the bar, one banner when it is broken.

import { $, mark, text } from "./dom.js";
import { STALE_MS } from "./mats.js";
import { ago, fill, LINKS, T } from "./words.js";

// [link, word in the bar, title and text of the banner]; the first thing that is wrong, nearest to the reader first.
export function linkOf({ server, broker, mat, nowMs, sinceMs }) {
  const age = mat ? nowMs - mat.heardMs : Infinity;
  if (!server) {
    if (nowMs - sinceMs < STALE_MS && !mat) return ["connecting", ...LINKS.connecting];
    return ["server", ...LINKS.server];
  }
  if (!broker) return ["broker", ...LINKS.broker];
  if (!mat) return ["empty", ...LINKS.empty];
  if (mat.status?.state === "offline") return ["offline", ...LINKS.offline, ageWords(age)];
  if (age > STALE_MS) return ["silent", ...LINKS.silent, ageWords(age)];
  return ["live", ...LINKS.live];
}

const ageWords = (ms) => (Number.isFinite(ms) ? fill(T.last_reading, { ago: ago(ms / 1000) }) : T.none_yet);

export function showLink(known) {
  const [link, word, title, words] = linkOf(known);
  const age = known.mat ? known.nowMs - known.mat.heardMs : Infinity;
  mark(document.body, "link", link);
  mark(document.body, "fresh", link === "live" ? "yes" : "stale");
  text($("link-text"), word);
  text($("now-age"), Number.isFinite(age) ? (link === "live" ? T.now : ago(age / 1000)) : "");
  const banner = $("banner");
  if (banner.hidden === Boolean(title)) banner.hidden = !title;
  if (title) {
    text($("banner-title"), title);
    text($("banner-text"), words);
  }
  return link;
}
