"""Which language a browser wants, and the words in it. Bokmål is written in the source; English is translated."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from starlette.requests import Request

LANGUAGES = ("nb", "en")
DEFAULT = "nb"
LANGUAGE_COOKIE = "forkant-language"
LOCALES = {"nb": "nb_NO", "en": "en_GB"}
_NORWEGIAN = {"nb", "no", "nn"}


def N_(message: str) -> str:
    """Marks a text in Python for translation; it is translated where it is drawn, by `_(variable)`."""
    return message


def language_of(request: Request) -> str:
    """`nb` or `en`: what the user chose, else what the browser asks for, else bokmål."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    for tag in _preferences(request.headers.get("accept-language", "")):
        primary = tag.split("-")[0].lower()
        if primary in _NORWEGIAN:
            return "nb"
        if primary in LANGUAGES:
            return primary
    return DEFAULT


def _preferences(header: str) -> list[str]:
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        tag, _, parameters = part.strip().partition(";")
        weight = 1.0
        if parameters.strip().startswith("q="):
            try:
                weight = float(parameters.strip()[2:])
            except ValueError:
                continue
        if tag and weight > 0:
            wishes.append((-weight, place, tag.strip()))
    return [tag for _, _, tag in sorted(wishes)]


class Words:
    """One language's translations; what is not translated is shown as it was written."""

    def __init__(self, catalogs: Iterable[Catalog] = ()) -> None:
        self._texts: dict[str, tuple[str, ...]] = {}
        for catalog in catalogs:
            for singular, texts in translations(catalog).items():
                self._texts.setdefault(singular, texts)

    def gettext(self, message: str) -> str:
        return self._texts.get(message, (message,))[0]

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        texts = self._texts.get(singular, ())
        if len(texts) < 2:
            texts = (singular, plural)
        return texts[0 if number == 1 else 1]


def translations(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Singular msgid → its complete translation; entries that are empty or fuzzy are left out."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if not message.id or message.fuzzy:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
        if all(texts):
            found[key] = texts
    return found


def read_catalog(package: str) -> Catalog:
    """The package's `locale/en.po`; empty when there is none yet."""
    return read_catalog_in(files(package))


def read_catalog_in(folder: Traversable) -> Catalog:
    """The same, for a folder that holds a package."""
    path = folder.joinpath("locale", "en.po")
    if not path.is_file():
        return Catalog(locale="en")
    return read_po(BytesIO(path.read_bytes()), locale="en")


def words_for(package: str) -> dict[str, Words]:
    """Words for each language: the package's own translations, then the kit's."""
    return {"nb": Words(), "en": Words([read_catalog(package), read_catalog("forkant_shared.web")])}
