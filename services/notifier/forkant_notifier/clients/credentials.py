"""What only the operator and a carrier know: named in the routes file, kept elsewhere, never shown."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_validator

from forkant_shared.errors import Invalid


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
