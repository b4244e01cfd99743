// One stream of events from the page's own server. It closes while nobody looks and says when the server is silent.

const SILENT_MS = 6000; // the server beats every 2 s
const RETRY_MS = 2000;

export class Stream {
  // `hear(kind, data)` takes messages; `changed(open)` learns whether the server answers.
  constructor(hear, changed) {
    this.hear = hear;
    this.changed = changed;
    this.heardMs = 0;
    this.mat = null; // the one shown: of others the server then sends no moving picture
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", () => this.open());
    setInterval(() => this.check(), 1000);
    this.open();
  }

  open() {
    if (this.source || document.hidden) return;
    const source = new EventSource(this.mat === null ? "/events" : `/events?mat=${encodeURIComponent(this.mat)}`);
    this.source = source;
    this.heardMs = performance.now();
    for (const kind of ["hello", "live", "state", "status", "event", "plan", "course", "config", "resp", "session", "health", "broker", "beat"]) {
      source.addEventListener(kind, (message) => this.take(kind, message.data));
    }
    source.onerror = () => {
      this.lose();
      askDoor();
    };
  }

  // Show this mat from now on; the server tells everything anew.
  follow(mat) {
    if (mat === this.mat) return;
    this.mat = mat;
    if (!this.source) return;
    this.close();
    this.open();
  }

  take(kind, payload) {
    let data;
    try {
      data = JSON.parse(payload);
    } catch {
      return;
    }
    this.heardMs = performance.now();
    if (kind === "hello") this.changed(true);
    this.hear(kind, data);
  }

  check() {
    if (this.source && performance.now() - this.heardMs > SILENT_MS) this.lose();
  }

  lose() {
    this.close();
    this.changed(false);
    setTimeout(() => this.open(), RETRY_MS);
  }

  close() {
    this.source?.close();
    this.source = null;
  }
}

// A session that is over looks like a lost server to an EventSource: only asking tells.
async function askDoor() {
  try {
    const known = await (await fetch("/health")).json();
    if (!("login" in known)) location.reload();
  } catch {
    // not the door: the server is away
  }
}
