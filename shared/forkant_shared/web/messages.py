"""Keeps a package's English in step with its texts.

python -m forkant_shared.web.messages services/meetings/forkant_meetings
"""

from __future__ import annotations

import sys
from pathlib import Path

from forkant_shared.web.catalogue import missing_translations, updated


def main(arguments: list[str]) -> int:
    """Updates one package's catalogue and names what is still to be translated; 1 when something is."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m forkant_shared.web.messages PACKAGE_DIR", file=sys.stderr)
        return 2
    package_dir = Path(arguments[0])
    target = package_dir / "locale" / "en.po"
    target.parent.mkdir(exist_ok=True)
    target.write_text(updated(package_dir), encoding="utf-8")
    missing = missing_translations(package_dir)
    for message in missing:
        print(f"not translated: {message}")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
