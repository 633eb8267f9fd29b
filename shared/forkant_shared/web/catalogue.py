"""Finds every text a package shows, and what its `locale/en.po` should hold."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from forkant_shared.web.language import read_catalog, read_catalog_in, translations

_KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
_KIT = Path(__file__).parent
# A header without dates, so that a new text changes only its own lines.
_HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

Message = str | tuple[str, ...]


def messages_in(package_dir: Path) -> list[Message]:
    """Every text marked in the package's templates and Python, sorted; a plural is a pair."""
    found: set[Message] = set()
    for path in sorted(package_dir.rglob("*")):
        if path.suffix not in (".py", ".html", ".txt") or "static" in path.parts:
            continue
        if path.suffix == ".txt" and "templates" not in path.parts:
            continue
        found.update(_messages_of(path))
    return sorted(found, key=_key)


def _messages_of(path: Path) -> Iterator[Message]:
    method = "python" if path.suffix == ".py" else babel_extract
    options = {} if path.suffix == ".py" else {"silent": "false", "extensions": "jinja2.ext.do"}
    source = BytesIO(path.read_bytes())
    for _, message, _, _ in extract(method, source, _KEYWORDS, options=options):  # type: ignore[arg-type]  # Babel wants a dict
        yield tuple(message) if isinstance(message, (list, tuple)) else message


def _key(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def missing_translations(package_dir: Path) -> list[str]:
    """The texts of a package that have no English, neither of its own nor from the kit."""
    known = set(translations(read_catalog_in(package_dir))) | _kit_texts(package_dir)
    return [_key(message) for message in messages_in(package_dir) if _key(message) not in known]


def _kit_texts(package_dir: Path) -> set[str]:
    """What the kit translates already: a service need not say "Lagre" again."""
    return set() if package_dir.resolve() == _KIT else set(translations(read_catalog("forkant_shared.web")))


def updated(package_dir: Path) -> str:
    """The text of `en.po` as it should be: new texts added empty, translations kept, unused ones gone."""
    old, kit, new = read_catalog_in(package_dir), _kit_texts(package_dir), Catalog(locale="en")
    for message in messages_in(package_dir):
        if _key(message) in kit and old.get(_key(message)) is None:
            continue
        before = old.get(_key(message))
        new.add(message, before.string if before is not None else None)
    body = BytesIO()
    write_po(body, new, no_location=True, omit_header=True, sort_output=True, width=100)
    return _HEADER + body.getvalue().decode()
