"""Writes what the code already knows: `docs/events.md`, `docs/asyncapi.yaml` and `docs/settings.md`.

`python docs/generate.py` writes them, `python docs/generate.py --check` says which are not current and exits with 1.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from forkant_shared.bus import DEFAULT_PARTITIONS
from forkant_shared.envelope import Event
from forkant_shared.events import EVENTS, OWNERS, topic_of
from forkant_shared.settings import ServiceSettings

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "tests" / "contracts" / "events"
NOTICE = "<!-- Written by docs/generate.py from the code; change the code and run `make docs`. -->"


def package_of(service: str) -> str:
    return f"forkant_{service.replace('-', '_')}"


def part_of(service: str, part: str) -> Any:
    """A module of a service, or None where the service has no such part."""
    name = f"{package_of(service)}.{part}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def listeners() -> dict[str, list[str]]:
    """Who hears each event type."""
    found: dict[str, list[str]] = {kind: [] for kind in EVENTS}
    for service in OWNERS:
        consumers = part_of(service, "consumers")
        for kind in consumers.SUBSCRIPTIONS if consumers else ():
            found[kind.TYPE].append(service)
    return found


def example_of(kind: type[Event]) -> dict[str, Any]:
    """The golden example."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{kind.TYPE}.json").read_text("utf-8"))["full"]
    return found


def said(kind: type[Event]) -> str:
    """The class's own words, on one line."""
    return " ".join((kind.__doc__ or "").split())


# -- events.md ---------------------------------------------------------------------------------------------------------


def type_name(annotation: Any) -> str:
    """A type as a reader of JSON says it."""
    if get_origin(annotation) is Literal:
        return " \\| ".join(f"`{value}`" for value in get_args(annotation))
    if annotation is type(None):
        return "null"
    if get_origin(annotation) is list:
        return f"list of {type_name(get_args(annotation)[0])}"
    if get_args(annotation):
        return " \\| ".join(type_name(part) for part in get_args(annotation))
    names = {"str": "string", "datetime": "time", "bool": "true or false", "int": "whole number", "float": "number"}
    return names.get(annotation.__name__, str(annotation.__name__).lower())


def events_page() -> str:
    heard = listeners()
    lines = [
        "# Events",
        "",
        NOTICE,
        "",
        "CloudEvents 1.0 on Kafka in binary mode: attributes in `ce_*` headers, the value is the data as JSON. Data",
        "are ids, codes, times and references; never a name, never a text. Fields are only ever added; anything else",
        "is a new `.v2` beside the old. A reader ignores what it does not know. The same as a machine reads it:",
        "[asyncapi.yaml](asyncapi.yaml).",
        "",
        "| Type | Topic | Listeners |",
        "|---|---|---|",
    ]
    for kind in EVENTS.values():
        anchor = kind.TYPE.replace(".", "")
        who = ", ".join(heard[kind.TYPE]) or "none yet"
        lines.append(f"| [{kind.TYPE}](#{anchor}) | `{topic_of(kind.OWNER)}` | {who} |")
    for kind in EVENTS.values():
        lines += ["", f"## {kind.TYPE}", "", said(kind), ""]
        who = ", ".join(heard[kind.TYPE]) or "none yet"
        lines += [f"Owner: {kind.OWNER}. Listeners: {who}. Key: `{kind.KEY}`. Subject: `{kind.NOUN}/<{kind.KEY}>`.", ""]
        lines += ["| Field | Type | |", "|---|---|---|"]
        for name, field in kind.model_fields.items():
            lines.append(f"| `{name}` | {type_name(field.annotation)} | {'always' if field.is_required() else ''} |")
        lines += ["", "```json", json.dumps(example_of(kind), indent=2), "```"]
    return "\n".join(lines) + "\n"


# -- asyncapi.yaml -----------------------------------------------------------------------------------------------------

HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "UUIDv7 of the event; the same at every delivery",
    "ce_source": "/forkant/<service>",
    "ce_type": "the event type",
    "ce_subject": "<noun>/<id>",
    "ce_time": "when it happened, RFC 3339",
    "ce_dataschema": "URN of the schema",
    "ce_partitionkey": "the key of the record",
    "ce_correlationid": "one id for the whole story",
    "ce_causationid": "the event that caused this one",
    "ce_traceparent": "W3C trace context",
    "ce_aggregateversion": "version of the subject that this event made",
    "ce_classification": "RESTRICTED unless said otherwise",
}
OPTIONAL_HEADERS = {"ce_causationid", "ce_traceparent"}


def camel(text: str) -> str:
    return "".join(part.capitalize() for part in text.split("-"))


def message(kind: type[Event]) -> dict[str, Any]:
    return {
        "name": kind.TYPE,
        "title": kind.__name__,
        "summary": said(kind),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": f"{kind.KEY}: orders the events"}}},
        "examples": [{"name": "golden", "payload": example_of(kind)}],
    }


def channel(owner: str, kinds: list[type[Event]]) -> dict[str, Any]:
    return {
        "address": topic_of(owner),
        "title": f"What {owner} tells the others",
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in kinds},
        "bindings": {"kafka": {"topic": topic_of(owner), "partitions": DEFAULT_PARTITIONS}},
    }


def operation(action: str, owner: str, kinds: list[type[Event]], title: str, group: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "action": action,
        "title": title,
        "channel": {"$ref": f"#/channels/{owner}"},
        "messages": [{"$ref": f"#/channels/{owner}/messages/{kind.__name__}"} for kind in kinds],
    }
    if group is not None:
        found["bindings"] = {"kafka": {"groupId": {"type": "string", "enum": [group]}}}
    return found


def asyncapi() -> str:
    heard = listeners()
    by_owner = {owner: [kind for kind in EVENTS.values() if owner == kind.OWNER] for owner in OWNERS}
    operations = {}
    for owner, kinds in by_owner.items():
        operations[f"{owner}.tells"] = operation("send", owner, kinds, f"{camel(owner)} tells", None)
        for service in OWNERS:
            wanted = [kind for kind in kinds if service in heard[kind.TYPE]]
            if wanted:
                title = f"{camel(service)} hears {owner}"
                name = f"{service}.hears.{owner}"
                operations[name] = operation("receive", owner, wanted, title, f"forkant.{service}")
    headers = {
        "type": "object",
        "required": sorted(set(HEADERS) - OPTIONAL_HEADERS),
        "properties": {name: {"type": "string", "description": text} for name, text in HEADERS.items()},
    }
    schemas = {kind.__name__: kind.model_json_schema(mode="serialization") for kind in EVENTS.values()}
    document = {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Forkant events",
            "version": "1",
            "description": "What the four services tell one another. Written by docs/generate.py from the code.",
        },
        "defaultContentType": "application/json",
        "channels": {owner: channel(owner, kinds) for owner, kinds in by_owner.items()},
        "operations": operations,
        "components": {
            "messages": {kind.__name__: message(kind) for kind in EVENTS.values()},
            "schemas": {"CloudEventHeaders": headers, **schemas},
        },
    }
    return yaml.safe_dump(document, sort_keys=True, allow_unicode=True, width=120)


# -- settings.md -------------------------------------------------------------------------------------------------------


def variable_of(settings: type[ServiceSettings], name: str, field: FieldInfo) -> str:
    if isinstance(field.validation_alias, str):
        return field.validation_alias
    return f"{settings.model_config.get('env_prefix', '')}{name.upper()}"


def default_of(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "must be set"
    return "" if value is None or value == "" else f"`{value}`"


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        NOTICE,
        "",
        "Read once, at start. What is missing or unsafe in full mode is refused with a sentence that says what to set.",
        "`FORKANT_TRIAL` is the same variable for all services.",
    ]
    for service in OWNERS:
        found = part_of(service, "settings")
        if found is None:
            continue
        lines += ["", f"## {service}", "", "| Variable | Takes | Default | |", "|---|---|---|---|"]
        for name, field in found.Settings.model_fields.items():
            variable, takes = variable_of(found.Settings, name, field), type_name(field.annotation)
            lines.append(f"| `{variable}` | {takes} | {default_of(field)} | {field.description} |")
    return "\n".join(lines) + "\n"


# -- all three ---------------------------------------------------------------------------------------------------------


def documents() -> dict[str, str]:
    """Each document's name and what it should say."""
    return {"events.md": events_page(), "asyncapi.yaml": asyncapi(), "settings.md": settings_page()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a document is not current")
    given = parser.parse_args()
    stale = []
    for name, text in documents().items():
        path = DOCS / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if not given.check:
            path.write_text(text, "utf-8")
    if given.check and stale:
        print(f"Not current: {', '.join(stale)}. Run `make docs`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
