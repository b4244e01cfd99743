// The door: sends the password to our own server and opens the page when it is the right one.

import { $, text } from "./dom.js";
import { door, fill, language } from "./words.js";

document.documentElement.lang = language;
document.title = door.title;
for (const node of document.querySelectorAll("[data-door]")) text(node, door[node.dataset.door]);

// A link from another site comes without the session's cookie, our own request brings it: then we are in already.
const known = await (await fetch("/health")).json();
if ("login" in known) location.replace("/");
$("password").focus();

$("login").addEventListener("submit", async (press) => {
  press.preventDefault();
  text($("problem"), "");
  try {
    const answer = await fetch("/api/login", {
      method: "POST",
      headers: { "X-QLMat": "1", "Content-Type": "application/json" },
      body: JSON.stringify({ password: $("password").value }),
      signal: AbortSignal.timeout(8000),
    });
    if (answer.ok) return location.replace("/");
    text($("problem"), refusal(answer));
  } catch {
    text($("problem"), door.silent);
  }
  $("password").select();
});

$("enter").disabled = false; // pressed earlier, the browser would send the form itself

function refusal(answer) {
  if (answer.status === 401) return door.wrong;
  return answer.status === 429 ? fill(door.wait, { n: answer.headers.get("Retry-After") }) : door.other;
}
