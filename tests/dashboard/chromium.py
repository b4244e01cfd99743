"""Real Chromium through Playwright, watched: whatever it complains of or asks of others is kept."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request, ViewportSize

from bench.npm import packages
from qlmat.core.plan import Plan
from qlmat.payloads import encode, plan_payload
from tests.dashboard.payloads import live, state
from tests.shell.brokers import Watcher

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
PATIENCE_MS = 40_000  # for a loaded machine; every wait ends as soon as its condition holds
OUT = Path(__file__).parents[2] / "out" / "screens"
DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
in_every_look = pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(size, scheme, id=f"{scheme}-{name}")
        for scheme in SCHEMES
        for name, size in (("desktop", DESKTOP), ("phone", PHONE))
    ],
)
LIVE = "document.body.dataset.link === 'live'"
STALE = "document.body.dataset.fresh === 'stale'"
NEEDED = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: sudo apt install chromium"),
    pytest.mark.xdist_group("browser"),
]


def lie_on(outsider: Watcher, mat: str, t_s: float = 20.0, force_n: float = 80.0) -> None:
    """Publish what a mat says of somebody who rocks on it."""
    outsider.say(f"qlmat/{mat}/plan", encode(plan_payload(Plan())))
    outsider.say(f"qlmat/{mat}/state", state(t_s, force_n))
    outsider.say(f"qlmat/{mat}/live", live(t_s + 0.1, force_n))


def launch(playwright: Playwright) -> Browser:
    """Start Debian's Chromium without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@dataclass
class Visit:
    """A page that somebody has opened, and what was odd about it."""

    page: Page
    size: ViewportSize
    scheme: Scheme
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def until(self, condition: str) -> None:
        """Wait until an expression in the page is true."""
        self.page.wait_for_function(condition)

    def says(self, selector: str, words: str) -> None:
        """Wait until an element holds some words."""
        self.until(f"document.querySelector({json.dumps(selector)})?.textContent.includes({json.dumps(words)})")

    def picture(self, name: str, whole: bool = False) -> None:
        """Keep what is to be seen."""
        OUT.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=OUT / f"{name}.png", full_page=whole)

    def fine(self, screen: str, whole: bool = False) -> None:
        """Keep a picture of a screen; check that axe finds no barrier on it and that nothing hangs over the side."""
        self.picture(f"{'phone' if self.size == PHONE else 'desktop'}-{self.scheme}-{screen}", whole)
        assert self.barriers() == [], screen
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.size["width"], screen

    def fine_in_every_look(self, screen: str) -> None:
        """Check a screen on a phone and on a desk, light and dark, without opening it anew."""
        for self.size in (DESKTOP, PHONE):
            for self.scheme in SCHEMES:
                self.page.set_viewport_size(self.size)
                self.page.emulate_media(color_scheme=self.scheme)
                self.fine(screen)

    def clean(self) -> None:
        """Check that the page complained of nothing and asked nobody else."""
        assert self.complaints == [], "the page complained on its console"
        assert self.foreign == [], "the page asked somebody else"

    def go(self, screen: str) -> None:
        """Open another screen by its link, as a person does, and wait until it is there."""
        self.page.click(f"#places a[href='#{screen}']")
        self.page.wait_for_selector("#screen h1" if screen not in ("live", "lying") else "h1:visible")

    def barriers(self) -> list[str]:
        """Name what axe-core finds wrong by WCAG 2.2 AA and its own best practice: rule and element."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate((packages() / "axe-core" / "axe.min.js").read_text())
        asked = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
        found: dict[str, Any] = self.page.evaluate(f"axe.run({asked})")
        return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


@contextmanager
def visit(
    browser: Browser, url: str, size: ViewportSize = DESKTOP, scheme: Scheme = "light", **options: Any
) -> Iterator[Visit]:
    """Open a page as a new person would: without cookies or memory."""
    phone = size == PHONE
    context = browser.new_context(
        viewport=size,
        color_scheme=scheme,
        device_scale_factor=2.0 if phone else 1.0,
        has_touch=phone,
        is_mobile=phone,
        locale=options.pop("locale", "en-GB"),
        bypass_csp=True,  # for axe-core only; test_page.py asks for the policy itself
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    seen = Visit(context.new_page(), size, scheme)

    home = url.partition("?")[0]

    def asked(request: Request) -> None:
        if not request.url.startswith((home, "data:")):
            seen.foreign.append(request.url)

    seen.page.on("request", asked)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on(
        "console", lambda said: seen.complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    try:
        seen.page.goto(url)
        yield seen
    finally:
        context.close()
