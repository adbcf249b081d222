"""Refusals: what was not taken in, where it stood, why, and what to do; said in Russian and in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data.phrases import in_russian
from data.wording import NOTES, REFUSALS

LANGUAGES = ("en", "ru")


@dataclass(frozen=True)
class Refusal:
    """One row, file or line that was refused.

    `code` is a stable key of `data.wording.REFUSALS`; `row` counts the header as row 1 (0: no row), `found` is what
    came, `limit` what would have been accepted, `hint` a detail that belongs to this one case.
    """

    code: str
    file: str = ""
    row: int = 0
    field: str = ""
    found: str = ""
    limit: str = ""
    hint: str = ""

    def message(self, lang: str = "en") -> str:
        """One sentence in `lang` ("en" or "ru") with the place, what was found and what to do."""
        ru = lang == "ru"
        place = [self.file] if self.file else []
        if self.row:
            place.append(f"строка {self.row}" if ru else f"row {self.row}")
        if self.field:
            place.append(f"поле «{self.field}»" if ru else f"field “{self.field}”")
        what, remedy = REFUSALS[self.code][LANGUAGES.index("ru" if ru else "en")]
        details = in_russian(self.code, self.found) if ru else self.found
        hint = in_russian("", self.hint) if ru else self.hint
        if self.limit:
            limit = in_russian("", self.limit) if ru else self.limit
            allowed = f"допустимо: {limit}" if ru else f"allowed: {limit}"
            details = f"{details}; {allowed}" if details else allowed
        said = f"{what} ({details})." if details else f"{what}."
        return " ".join(part for part in (", ".join(place) + ":" if place else "", said, remedy, hint) if part)

    def record(self) -> dict[str, Any]:
        """The fields as a flat mapping, for JSON and CSV."""
        return asdict(self)


class Refused(ValueError):
    """Something from outside was refused; carries the same fields as `Refusal`."""

    def __init__(self, code: str, *, file: str = "", row: int = 0, field: str = "", found: str = "", limit: str = "",
                 hint: str = "") -> None:  # fmt: skip
        self.refusal = Refusal(code, file, row, field, found, limit, hint)
        super().__init__(self.refusal.message("en"))

    @classmethod
    def of(cls, refusal: Refusal) -> Refused:
        """The exception form of a record."""
        return cls(**refusal.record())

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuilt, (self.refusal,))

    @property
    def code(self) -> str:
        """The stable key of the reason."""
        return self.refusal.code

    @property
    def file(self) -> str:
        """The file that was refused, as the user named it."""
        return self.refusal.file

    @property
    def row(self) -> int:
        """Row number with the header as row 1, 0 where there is none."""
        return self.refusal.row

    @property
    def field(self) -> str:
        """The column or field concerned."""
        return self.refusal.field

    @property
    def found(self) -> str:
        """What came."""
        return self.refusal.found

    @property
    def limit(self) -> str:
        """What would have been accepted."""
        return self.refusal.limit

    @property
    def hint(self) -> str:
        """A detail that belongs to this one case."""
        return self.refusal.hint

    def message(self, lang: str = "en") -> str:
        """One sentence in `lang` ("en" or "ru")."""
        return self.refusal.message(lang)


def _rebuilt(refusal: Refusal) -> Refused:
    return Refused.of(refusal)


@dataclass(frozen=True)
class Note:
    """Something worth knowing that refused nothing: how often, in which rows first, and a detail."""

    code: str
    count: int = 1
    found: str = ""
    rows: tuple[int, ...] = ()

    def message(self, lang: str = "en") -> str:
        """One sentence in `lang` ("en" or "ru")."""
        ru = lang == "ru"
        said = NOTES[self.code][LANGUAGES.index("ru" if ru else "en")]
        said += f": {self.found}" if self.found else ""
        if self.count > 1 or self.rows:
            said += f" ({'раз' if ru else 'times'}: {self.count}"
            said += f"; {'строки' if ru else 'rows'} {', '.join(map(str, self.rows))}" if self.rows else ""
            said += " …)" if self.count > len(self.rows) > 0 else ")"
        return said + "."

    def record(self) -> dict[str, Any]:
        """The fields as a flat mapping, for JSON."""
        return {**asdict(self), "rows": list(self.rows)}


def counted(refusals: Sequence[Refusal]) -> dict[str, int]:
    """How many refusals of each code, most frequent first."""
    counts: dict[str, int] = {}
    for refusal in refusals:
        counts[refusal.code] = counts.get(refusal.code, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
