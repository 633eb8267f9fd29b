"""The policy workbench as people see it: everything on one page, and each form an act."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx
import pytest

from forkant_threat_watch.commands import policy_comparing
from tests.threat_watch.domain.test_scenarios import SCENARIOS
from tests.threat_watch.serving import Served
from tests.threat_watch.support.drafting import LEAD, WRITER, begin, overview, settled, sign, signed, text, with_weight

HERE = "/threat-watch/policy"
#: A form goes with a cookie, which is sent over HTTPS alone.
HOST = "https://forkant.test"
STORY = next(path for path in SCENARIOS if path.stem == "2008").read_text()


async def page(served: Served, query: str = "", role: str = WRITER, language: str = "nb", **who: str) -> httpx.Response:
    head = served.head(role, **who) | {"accept": "text/html", "accept-language": language}
    return await served.client.get(f"{HOST}{HERE}{query}", headers=head)


async def send(
    served: Served,
    act: str,
    fields: dict[str, str],
    role: str = WRITER,
    files: dict[str, bytes] | None = None,
    user: str | None = None,
) -> httpx.Response:
    """Send a form of the workbench as the browser does."""
    shown = await page(served, role=role, **({"user": user} if user else {}))
    token = re.search(r'name="csrf" value="([^"]+)"', shown.text)
    data = {"csrf": token[1] if token else "", **fields}
    head = served.head(role, **({"user": user} if user else {})) | {"accept": "text/html"}
    if files is None:
        return await served.client.post(f"{HOST}{HERE}/{act}", data=data, headers=head)
    # As a browser sends them: in the page's order, the file before the empty text below it.
    parts: list[Any] = [(name, (f"{name}.yaml", content, "application/yaml")) for name, content in files.items()]
    parts += [(name, (None, value)) for name, value in data.items()]
    return await served.client.post(f"{HOST}{HERE}/{act}", files=parts, headers=head)


async def test_the_page_shows_what_is_in_force_before_anything_was_adopted(served: Served) -> None:
    shown = await page(served)
    assert shown.status_code == 200
    for said in ("2026-1", "Ingen utkast", "Ingen historier", "fra start"):
        assert said in shown.text
    assert "No drafts" in (await page(served, language="en")).text


async def test_a_draft_is_begun_from_a_version_written_in_signed_and_adopted_on_one_page(served: Served) -> None:
    done = await send(served, "begin", {"name-begin": "Mildere", "fresh": "2026-8", "base": "2026-1"})
    assert done.status_code == 303, done.text
    shown = (await page(served, done.headers["location"].removeprefix(HERE).partition("#")[0])).text
    draft = re.search(r'name="draft" value="([^"]+)"', shown)
    assert draft is not None and "Utkast: Mildere" in shown and "alle holder" in shown
    assert "INTENT: 4.4" in shown
    saved = await send(served, "save", {"draft": draft[1], "revision": "1", "text": with_weight(4.2)})
    assert saved.status_code == 303, saved.text
    shown = (await page(served, f"?draft={draft[1]}", "dialogue.leader")).text
    assert "<code>index.weights.INTENT</code>" in shown and "<ins>" in shown
    assert (await send(served, "sign", {"draft": draft[1], "revision": "2"}, "dialogue.leader")).status_code == 303
    assert "signert som 2026-8" in (await page(served, f"?draft={draft[1]}")).text
    adopted = await send(served, "adopt", {"version": "2026-8", "last": "0", "reason-adopt": "Prøvd."}, "duty.leader")
    assert adopted.status_code == 303, adopted.text
    assert "2026-8 gjelder fra" in (await page(served)).text
    served.forward(seconds=LEAD)
    assert (await overview(served))["current"] == "2026-8"
    await settled(served)
    shown = (await page(served, role="duty.leader")).text
    assert "Gå tilbake til denne" in shown and 'href="/threat-watch/policy?version=2026-1#adopt"' in shown
    back = await send(served, "adopt", {"version": "2026-1", "last": "1", "reason-adopt": "For mild."}, "duty.leader")
    assert back.status_code == 303
    served.forward(seconds=LEAD)
    assert (await overview(served))["current"] == "2026-1"


@pytest.mark.parametrize("as_file", [True, False])
async def test_a_draft_is_pasted_or_sent_as_a_file(served: Served, as_file: bool) -> None:
    policy = with_weight(4.2)
    fields = {"name-paste": "Utenfra", "text-paste": "" if as_file else policy}
    done = await send(served, "paste", fields, files={"file-text-paste": policy.encode() if as_file else b""})
    assert done.status_code == 303, done.text
    assert "Utkast: Utenfra" in (await page(served)).text


async def test_what_is_wrong_in_a_file_is_said_with_its_line_and_the_text_is_there_to_mend(served: Served) -> None:
    policy = text(**{"INTENT: 4.4": "INTENT: -4.4"})
    line = policy[: policy.index("INTENT: -4.4")].count("\n") + 1
    wrong = await send(
        served, "paste", {"name-paste": "Feil", "text-paste": ""}, files={"file-text-paste": policy.encode()}
    )
    assert wrong.status_code == 422
    for said in (
        f"Linje {line}",
        "<code>index.weights.INTENT</code>",
        "må være fra 0 til 100.",
        "INTENT: -4.4",
        "Feil",
    ):
        assert said in wrong.text, said
    assert "den som gjelder, gjelder videre" in wrong.text
    shown = await page(served)
    assert "Ingen utkast" in shown.text


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"\xff\xfe\x00", 422, "Filen er ikke tekst i UTF-8"),
        (b"#" * 600_000, 422, "Teksten er større enn 500 kB."),
        (b"#" * 50_000_000, 413, ""),
    ],
)
async def test_a_file_that_cannot_be_a_policy_is_refused(
    served: Served, content: bytes, status: int, said: str
) -> None:
    wrong = await send(served, "paste", {"name-paste": "Stor"}, files={"file-text-paste": content})
    assert wrong.status_code == status
    assert said in wrong.text


async def test_what_may_not_be_done_is_said_beside_its_form(served: Served) -> None:
    await signed(served, with_weight(4.2))
    draft = (await begin(served, with_weight(4.1, "2026-9"), "To")).json()
    taken = await send(served, "begin", {"name-begin": "To", "fresh": "2026-10", "base": "2026-1"})
    assert (taken.status_code, "Skriv et navn som ikke er brukt" in taken.text) == (409, True)
    empty = await send(served, "adopt", {"version": "2026-8", "last": "0", "reason-adopt": " "}, "duty.leader")
    assert (empty.status_code, "Skriv hvorfor." in empty.text) == (422, True)
    for moment in ("2020-01-01T10:00", "snart"):
        fields = {"version": "2026-8", "last": "0", "reason-adopt": "Nå", "from_at": moment}
        late = await send(served, "adopt", fields, "duty.leader")
        assert (late.status_code, "Velg et tidspunkt fram i tid" in late.text) == (422, True)
        assert f'value="{moment}"' in late.text
    stale = await send(served, "save", {"draft": draft["id"], "revision": "7", "text": with_weight(4.0, "2026-9")})
    assert (stale.status_code, "Noen andre har endret dette" in stale.text) == (412, True)
    assert "INTENT: 4.0" in stale.text, "what was written is still there"
    none = await send(served, "compare", {"draft": draft["id"], "source": "SCENARIOS"})
    assert (none.status_code, "legg til en historie først" in none.text) == (422, True)


async def test_an_adoption_that_waits_is_shown_and_withdrawn(served: Served) -> None:
    await signed(served, with_weight(4.2))
    at = (served.clock.now() + timedelta(days=2)).astimezone(ZoneInfo("Europe/Oslo"))
    fields = {
        "version": "2026-8",
        "last": "0",
        "reason-adopt": "Etter helga.",
        "from_at": at.strftime("%Y-%m-%dT%H:%M"),
    }
    assert (await send(served, "adopt", fields, "duty.leader")).status_code == 303
    shown = (await page(served, role="duty.leader")).text
    assert "2026-8 gjelder fra" in shown and "Etter helga." in shown
    empty = await send(served, "withdraw", {"number": "1", "reason-withdraw": ""}, "duty.leader")
    assert empty.status_code == 422
    done = await send(served, "withdraw", {"number": "1", "reason-withdraw": "Vi venter."}, "duty.leader")
    assert done.status_code == 303
    assert "Vi venter." in (await page(served)).text
    served.forward(days=3)
    assert (await overview(served))["current"] == "2026-1"


async def test_a_comparison_shows_that_it_waits_and_then_pages_levels_and_weeks(served: Served) -> None:
    assert (await send(served, "put-story", {"name-story": "2008", "story": STORY})).status_code == 303
    draft = (await begin(served, text("2026-8", **{"HIGH: 0.60": "HIGH: 0.50"}))).json()
    asked = await send(served, "compare", {"draft": draft["id"], "source": "SCENARIOS"})
    assert asked.status_code == 303, asked.text
    shown = (await page(served, f"?draft={draft['id']}")).text
    assert "Venter på tur." in shown
    part = re.search(
        r'hx-get="/threat-watch/policy(/comparisons/[^"]+)" hx-select="#comparison-[0-9a-f-]+" hx-trigger="every 2s"',
        shown,
    )
    assert part is not None
    await policy_comparing.compare_next(served.app.state.parts)
    shown = (await page(served, f"?draft={draft['id']}")).text
    for said in ("Lagrede historier", "2008", "Varsel flyttes", "Nådde høyst Høy", "Tallene uke for uke", "fk-weeks"):
        assert said in shown, said
    alone = await page(served, part[1], "duty.officer")
    assert alone.status_code == 200 and "hx-trigger" not in alone.text
    assert (await page(served, part[1], "operations")).status_code == 403
    assert (await send(served, "drop-story", {"name": "2008"})).status_code == 303
    assert "Ingen historier" in (await page(served)).text


async def test_each_sees_the_forms_that_are_theirs_and_nobody_else_the_page(served: Served) -> None:
    draft = (await begin(served, with_weight(4.2))).json()
    await signed(served, with_weight(4.1, "2026-9"), "Annen")
    forms = {
        "analyst": {"begin", "paste", "save", "discard", "compare", "sign", "put-story"},
        "dialogue.leader": {"compare", "sign", "adopt"},
        "duty.leader": {"compare", "sign", "adopt"},
        "duty.officer": set(),
        "auditor": set(),
    }
    for role, expected in forms.items():
        shown = await page(served, f"?draft={draft['id']}", role)
        assert shown.status_code == 200
        assert set(re.findall(r'action="/threat-watch/policy/([a-z-]+)"', shown.text)) == expected, role
    for role in ("source.handler", "dialogue.officer", "operations"):
        assert (await page(served, role=role)).status_code == 403
    assert (await send(served, "discard", {"draft": draft["id"]}, "duty.leader")).status_code == 403
    assert (await page(served, "?draft=nothing")).status_code == 404


async def test_a_form_from_elsewhere_is_refused(served: Served) -> None:
    head = served.head(WRITER) | {"accept": "text/html"}
    answer = await served.client.post(f"{HOST}{HERE}/begin", data={"csrf": "x", "base": "2026-1"}, headers=head)
    assert answer.status_code == 403


async def test_the_threats_page_leads_here_and_a_version_can_be_fetched(served: Served) -> None:
    assert f'href="{HERE}"' in (await served.client.get("/threat-watch/threats", headers=served.head(WRITER))).text
    draft = (await begin(served, with_weight(4.2))).json()
    await sign(served, draft)
    file = await page(served, "/versions/2026-8/file")
    assert "signed_by: 'dialogue.leader'" in file.text
    assert file.headers["content-disposition"] == 'attachment; filename="2026-8.yaml"'
