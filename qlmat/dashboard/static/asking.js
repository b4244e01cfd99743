// Asks a mat to do something and learns what came of it: sent by POST, answered over the stream under our own id.

const PATIENCE_MS = 4000; // the mat answers after its next scan; a slow Wi-Fi takes the rest
const KEPT = 32;

const answers = new Map(); // id -> answer, when it came before anybody asked for it
const waiting = new Map(); // id -> function that takes it

// `accepted()` is called once it is on its way. Returns { ok: true | false | null, reason }: done, refused and why, or sent without an answer so far.
export async function ask(mat, name, body = {}, accepted = () => {}) {
  const id = `page-${Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("")}`;
  const sent = await fetch(`/api/mats/${encodeURIComponent(mat)}/cmd/${name}`, {
    method: "POST",
    headers: { "X-QLMat": "1", "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, id }),
    signal: AbortSignal.timeout(3000),
  });
  if (!sent.ok) return { ok: false, reason: (await sent.json()).error };
  accepted();
  return answers.get(id) ?? (await answerTo(id));
}

function answerTo(id) {
  return new Promise((done) => {
    const give = (answer) => {
      clearTimeout(timer);
      waiting.delete(id);
      done(answer);
    };
    const timer = setTimeout(give, PATIENCE_MS, { ok: null, reason: null });
    waiting.set(id, give);
  });
}

// An answer that came over the stream; others ask too, so not each is ours.
export function answered(answer) {
  if (answer.id === null) return;
  waiting.get(answer.id)?.(answer);
  answers.set(answer.id, answer);
  if (answers.size > KEPT) answers.delete(answers.keys().next().value);
}
