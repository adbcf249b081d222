"""Places on the disk as a person writes them."""

from __future__ import annotations

from pathlib import Path


def expanded(text: str) -> Path:
    """The path with `~` and `~name` written out; LookupError when this machine knows no home folder of that name."""
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        user = Path(text).parts[0]
        raise LookupError(f"There is no home folder {user} on this machine, so {text} leads nowhere.") from error
