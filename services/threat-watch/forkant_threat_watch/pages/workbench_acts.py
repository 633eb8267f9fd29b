"""What a person does in the policy workbench: each form is one act, and what is wrong is said beside it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import FORM_FIELD, N_, PageUser, form, see_other
from forkant_threat_watch.commands import policy_adopting, policy_comparing, policy_drafting, workbench
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.pages import workbench_words as ww
from forkant_threat_watch.pages.doing import moment_in, number_in, said_in
from forkant_threat_watch.pages.face import known_id, text_of
from forkant_threat_watch.pages.workbench import draw

ROUTER = APIRouter(prefix="/threat-watch/policy", include_in_schema=False)
HERE = "/threat-watch/policy"
#: A file's field is named after the text it stands for.
FILE = "file-"
#: Acts with a text in which a line may be wrong.
TEXTS = frozenset({"begin", "paste", "save", "put-story"})
_VERSION_LINE = re.compile(r"^version:.*$", re.MULTILINE)

#: An act: where to go on, which is the draft that is open afterwards (None: the newest).
Act = Callable[[ThreatWatchParts, Principal, str | None, FormData], Awaitable[str | None]]


def text_in(sent: FormData, name: str) -> str:
    """A long text as people write it. How long it may be is for the workbench to say."""
    value = sent.get(name)
    return value.replace("\r\n", "\n").replace("\x00", "") if isinstance(value, str) else ""


async def _with_file(sent: FormData) -> FormData:
    """The form with what an uploaded file says in place of the text beside it. Raises Invalid where it is no text."""
    written: dict[str, str | UploadFile] = {}
    read: dict[str, str | UploadFile] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str):
            written[name] = value
            continue
        content = await value.read()
        await value.close()
        try:
            read |= {name.removeprefix(FILE): content.decode("utf-8-sig")} if content else {}
        except UnicodeDecodeError:
            raise Invalid("The file is not UTF-8 text.", field="file", remedy="Save it as UTF-8.") from None
    return FormData(written | read)


def _draft(draft_id: str | None) -> str:
    if draft_id is None:
        raise NotFound("There is no such draft.")
    return draft_id


async def _begin(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    """A new draft: the text of a version under another version's name."""
    base = await workbench.read_version(parts, who, said_in(sent, "base"))
    version = said_in(sent, "fresh")
    text = _VERSION_LINE.sub(lambda _: f"version: {version}", base.text, count=1)
    return (await policy_drafting.save_draft(parts, who, text, name=said_in(sent, "name"))).id


async def _paste(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    """A new draft: a text from somewhere else, pasted or as a file."""
    return (await policy_drafting.save_draft(parts, who, text_in(sent, "text-paste"), name=said_in(sent, "name"))).id


async def _save(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    revision, text = number_in(sent, "revision"), text_in(sent, "text")
    return (await policy_drafting.save_draft(parts, who, text, draft_id=_draft(draft_id), revision=revision)).id


async def _discard(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    await policy_drafting.discard_draft(parts, who, _draft(draft_id))
    return None


async def _sign(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    await policy_drafting.sign_draft(parts, who, _draft(draft_id), number_in(sent, "revision"))
    return draft_id


async def _compare(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    source = said_in(sent, "source")
    if source not in ww.SOURCES:
        raise Invalid("This is none of the values.", field="source", remedy="Choose one of them.")
    since = moment_in(sent, "since", parts) if said_in(sent, "since") else None
    await policy_comparing.ask_comparison(parts, who, _draft(draft_id), source, since)
    return draft_id


async def _adopt(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    from_at = moment_in(sent, "from_at", parts) if said_in(sent, "from_at") else None
    version, last = said_in(sent, "version"), number_in(sent, "last")
    await policy_adopting.adopt_policy(parts, who, version, from_at, said_in(sent, "reason"), expected=last)
    return draft_id


async def _withdraw(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    await policy_adopting.withdraw_adoption(parts, who, number_in(sent, "number"), said_in(sent, "reason"))
    return draft_id


async def _put_story(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    await policy_drafting.put_scenario(parts, who, said_in(sent, "name"), text_in(sent, "story"))
    return draft_id


async def _drop_story(parts: ThreatWatchParts, who: Principal, draft_id: str | None, sent: FormData) -> str | None:
    await policy_drafting.drop_scenario(parts, who, said_in(sent, "name"))
    return draft_id


ACTS: dict[str, tuple[Act, str, str]] = {
    "begin": (_begin, N_("Utkastet er begynt."), "#draft"),
    "paste": (_paste, N_("Utkastet er begynt."), "#draft"),
    "save": (_save, N_("Utkastet er lagret, og eksemplene er kjørt."), "#draft"),
    "discard": (_discard, N_("Utkastet er kastet."), "#drafts"),
    "sign": (_sign, N_("Signaturen er lagret."), "#signing"),
    "compare": (_compare, N_("Sammenligningen er bestilt."), "#comparison"),
    "adopt": (_adopt, N_("Policyen er tatt i bruk fra tidspunktet."), "#current"),
    "withdraw": (_withdraw, N_("Det som var ventet, er trukket."), "#current"),
    "put-story": (_put_story, N_("Historien er lagret."), "#stories"),
    "drop-story": (_drop_story, N_("Historien er tatt bort."), "#stories"),
}


async def act(request: Request, who: PageUser, parts: PartsOf, name: str) -> Response:
    """Do what the form says; on a mistake the page again, with what was written still in it."""
    sent = await form(request, files=1)
    do, done, place = ACTS[name]
    opened = text_of(sent, "draft")
    draft_id = known_id(opened) if opened else None
    try:
        sent = await _with_file(sent)
        after = await do(parts, who, draft_id, sent)
    except (Invalid, Conflict) as error:
        given = {key: text_in(sent, key) for key in sent if key != FORM_FIELD}
        field = error.field or ""
        errors = {} if name in TEXTS and field not in ww.ADVICE else {field: ww.ADVICE.get(field, error.detail)}
        return await draw(
            request,
            parts,
            who,
            draft_id,
            status_code=error.status,
            error=error if not errors and isinstance(error, Invalid) else None,
            errors=errors,
            given=given,
            form=name,
        )
    query = f"?draft={after}" if after is not None else ""
    return see_other(f"{HERE}{query}{place}", notice=done)


def _add(name: str) -> None:
    @ROUTER.post(f"/{name}", name=f"policy-{name}")
    async def posted(request: Request, who: PageUser, parts: PartsOf) -> Response:
        return await act(request, who, parts, name)


for _name in ACTS:
    _add(_name)
