// The door: sends the password to our own server and opens the page when it is the right one.

import { $, text } from "./dom.js";

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
    text($("problem"), (await answer.json()).error);
  } catch {
    text($("problem"), "The page's server does not answer. Try again.");
  }
  $("password").select();
});
