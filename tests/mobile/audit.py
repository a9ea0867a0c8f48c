"""What keeps people out who do not see a page, hardly see it, or use no pointer. axe-core looks for it."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from zelton_backend.local_stack.surroundings import HOME

AXE = HOME / "zelton_mobile/node_modules/axe-core/axe.min.js"
EVERYTHING: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # No rule of WCAG's: the router's own header and tabs are in no landmark.
    "rules": {"region": {"enabled": False}},
    "resultTypes": ["violations"],
}
COLOURS: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
LOOK = """async (rules) => {
    const { violations } = await axe.run(document, rules);
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${failureSummary} ${html.slice(0, 400)}`));
}"""


@cache
def _axe() -> str:
    return AXE.read_text()


def barriers(page: Page, rules: dict[str, Any]) -> list[str]:
    """Return what breaks these rules on a page as it is now, as far as a program can tell."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(LOOK, rules)
    return found
