"""What only the operator and a carrier know: named in the routes file, kept elsewhere, never shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_validator

from forkant_shared import telemetry
from forkant_shared.errors import Invalid

#: A file is looked at this often at most, and only when something is sent or a carrier calls.
LOOK_SECONDS = 1.0

T = TypeVar("T")
Stamp = tuple[int, int, int]

log = telemetry.get_logger()


class Credential(BaseModel):
    """Where a secret is: `{file: PATH}` (from the routes file's folder) or `{env: NAME}`; never the secret itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path | None = None
    env: str | None = None
    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="before")
    @classmethod
    def _not_written_out(cls, value: Any) -> Any:
        if not isinstance(value, dict) or len(value) != 1:
            raise ValueError("a secret stands in a file or the environment: write {file: PATH} or {env: NAME}")
        return value

    def within(self, folder: Path) -> Credential:
        """The same, with its file looked for in this folder."""
        found = self.model_copy()
        found._folder = folder
        return found

    def stamp(self) -> Stamp | None:
        """What changes when the file is another, or has been written again; None for what cannot change."""
        if self.file is None:
            return None
        try:
            found = (self._folder / self.file).stat()
        except OSError:
            return (0, 0, 0)
        return found.st_mtime_ns, found.st_ino, found.st_size

    def read(self, *, field: str) -> str:
        """The secret. Raises Invalid, naming the place and never the value, where there is none."""
        if self.file is not None:
            try:
                value = (self._folder / self.file).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                value = ""
            place = f"the file {self.file}"
        else:
            value, place = os.environ.get(self.env or "", "").strip(), f"the environment as {self.env}"
        if not value:
            raise Invalid(f"There is no secret in {place}.", field=field, remedy="Write it there and start again.")
        return value


class Rotating(Generic[T]):
    """What is made of a secret, made again when its file changes: a credential is replaced without a restart.

    A file that is gone, empty or holds a secret of the wrong kind changes nothing: the one before goes on being used.
    """

    def __init__(self, credential: Credential, made: Callable[[str], T], *, field: str) -> None:
        """Raises Invalid, naming `field`, or what `made` raises, for a secret that cannot be used from the start."""
        self._credential, self._made, self._field = credential, made, field
        self._looked = monotonic()
        self._refused: Stamp | None = None
        # Before the reading, so that what is written meanwhile is read once more.
        self._stamp = credential.stamp()
        self._value = made(credential.read(field=field))

    @property
    def value(self) -> T:
        """As the file has it, or had it a second ago."""
        tick = monotonic()
        if tick - self._looked >= LOOK_SECONDS:
            self._looked = tick
            stamp = self._credential.stamp()
            if stamp != self._stamp:
                self._read_again(stamp)
        return self._value

    def _read_again(self, stamp: Stamp | None) -> None:
        try:
            self._value = self._made(self._credential.read(field=self._field))
        except (Invalid, ValueError):
            # Perhaps half written: it is tried again, and told once for each state of the file.
            if stamp != self._refused:
                log.warning("credential-not-usable", place=self._field)
            self._refused = stamp
            return
        self._stamp, self._refused = stamp, None
        log.info("credential-read-again", place=self._field)
