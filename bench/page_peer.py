"""The peer of the page's bench: what a Node-RED dashboard does. One page, Chart.js, a text for each number, no more."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from bench.npm import packages

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>peer</title>
<style>body{font:16px sans-serif}#box{width:900px;height:400px}</style>
<p>Left <b id="left">-</b> N, right <b id="right">-</b> N, <b id="cpm">-</b> a minute, <b id="state">-</b></p>
<div id="box"><canvas id="chart"></canvas></div><script src="/chart.js"></script><script>
const line = (label, borderColor) => ({ label, borderColor, data: [], pointRadius: 0, borderWidth: 2 });
const chart = new Chart(document.getElementById("chart"), { type: "line",
  data: { datasets: [line("left", "#0d6660"), line("right", "#6a5a9c")] },
  options: { animation: false, parsing: false, normalized: true, maintainAspectRatio: false,
    scales: { x: { type: "linear" }, y: { min: 0, max: 150 } } } });
const source = new EventSource("/events"); let due = false;
source.addEventListener("live", (told) => { const { mat, data } = JSON.parse(told.data); if (mat !== "mat-1") return;
  window.peerLive = true;
  ["left", "right"].forEach((side, i) => { const rows = chart.data.datasets[i].data;
    rows.push({ x: data.t_s, y: data.pads[side].force_n }); while (rows[0].x < data.t_s - 30) rows.shift();
    document.getElementById(side).textContent = data.pads[side].force_n.toFixed(0); });
  document.getElementById("cpm").textContent = data.movement.cadence_cpm;
  document.getElementById("state").textContent = data.session.state;
  chart.options.scales.x.min = data.t_s - 30; chart.options.scales.x.max = data.t_s;
  if (!due) { due = true; requestAnimationFrame(() => { due = false; chart.update("none"); }); } });
</script>"""


@contextmanager
def serve_peer(page_url: str) -> Iterator[str]:
    """Serve the peer on a port of its own, its stream passed on from our page's server; yields its address."""
    library = (packages() / "chart.js" / "dist" / "chart.umd.min.js").read_bytes()

    class Peer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/events":
                self._pass_on()
                return
            body, kind = (library, "text/javascript") if self.path == "/chart.js" else (PAGE.encode(), "text/html")
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def _pass_on(self) -> None:
            from tests.dashboard.browsers import EventStream

            stream = EventStream(page_url)
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                while line := stream.answer.readline():
                    self.wfile.write(line)
                    if line == b"\n":
                        self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):  # the browser has left
                stream.close()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - named by the library
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
