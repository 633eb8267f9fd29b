"""WCAG 2.1 AA, as far as a machine can tell, asked of axe-core inside the page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
_SMALLEST_TARGET = 44


@cache
def _axe() -> str:
    return (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")


async def assert_accessible(page: Page) -> None:
    """No violation of axe's rules for WCAG 2.1 A and AA and its best practices. Tells what and where."""
    await page.evaluate(_axe())
    found = await page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", _RULES)
    violations = [_told(violation) for violation in found["violations"]]
    assert not violations, "\n".join(violations)


def _told(violation: dict[str, Any]) -> str:
    where = "; ".join(str(node["html"])[:160] for node in violation["nodes"])
    return f"{violation['id']}: {violation['help']} at {where}"


async def assert_fits(page: Page) -> None:
    """Nothing sticks out to the right, so that nobody scrolls sideways."""
    # The window's own width would not do: a phone's grows with what sticks out.
    size = page.viewport_size
    assert size is not None
    wide = await page.evaluate(
        """width => [...document.querySelectorAll('body *')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > width + 1
                && getComputedStyle(e).position !== 'absolute' && !e.closest('svg'))
            .map(e => e.outerHTML.slice(0, 120))""",
        size["width"],
    )
    assert not wide, "sticks out: " + "\n".join(wide)


async def assert_big_targets(page: Page) -> None:
    """Every button, field and menu entry is at least 44 px high: a thumb at 03:00 finds it. (Links in running
    text are excepted, as in WCAG 2.5.5.)"""
    small = await page.evaluate(
        """least => [...document.querySelectorAll('button, summary, select, nav a, a.ds-button, '
                + 'input:not([type=hidden], [type=radio], [type=checkbox]), label:has(input)')]
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < least - 0.5)
            .map(e => `${Math.round(e.getBoundingClientRect().height)} px: ${e.outerHTML.slice(0, 120)}`)""",
        _SMALLEST_TARGET,
    )
    assert not small, "too small: " + "\n".join(small)


async def assert_named(page: Page) -> None:
    """A screen reader has a name for every control, and says which is which: no two buttons or links of one name lead
    to different places."""
    tree = (await (await page.context.new_cdp_session(page)).send("Accessibility.getFullAXTree"))["nodes"]
    controls = {
        "button",
        "link",
        "textbox",
        "checkbox",
        "radio",
        "combobox",
        "searchbox",
        "spinbutton",
        "DisclosureTriangle",
    }
    nameless = [
        str(node["role"]["value"])
        for node in tree
        if not node.get("ignored")
        and node.get("role", {}).get("value") in controls
        and not str(node.get("name", {}).get("value", "")).strip()
    ]
    assert not nameless, f"controls without a name: {nameless}"
    ambiguous = await page.evaluate(
        """() => {
          const places = new Map();
          for (const link of document.querySelectorAll('main a[href]')) {
            if (!link.checkVisibility()) continue;
            const name = (link.getAttribute('aria-label') || link.textContent).trim().replace(/\\s+/g, ' ');
            places.set(name, (places.get(name) || new Set()).add(link.getAttribute('href')));
          }
          return [...places].filter(([, to]) => to.size > 1).map(([name, to]) => `${name}: ${[...to].join(' ')}`);
        }"""
    )
    assert not ambiguous, "one name, several places: " + "; ".join(ambiguous)
