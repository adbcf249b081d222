"""Every claimed number with its state now: reproduced, differs, not comparable, or not to be checked here; computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import claims as file_of_claims
from data.claims import Claim
from data.errors import Unavailable
from data.progress import Progress, silent
from eval import claims_of_documents, claims_of_the_report, claims_of_traps, claims_of_uzor
from eval.evidence import MEASURES, Evidence, Undecided

STATES = ("reproduced", "differs", "incomparable", "absent")
MEASURED_BY = (
    claims_of_the_report,
    claims_of_traps,
    claims_of_documents,
    claims_of_uzor,
)  # importing them fills MEASURES


@dataclass(frozen=True)
class Entry:
    """A claim and how it stands: `value` is what was found here, `why` a code with `values` where it matters."""

    claim: Claim
    state: str  # one of STATES
    value: float | None = None
    why: str = ""  # "no_run" | "other_run" | … ; "known" for a difference that is known
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """True when the number differs and nobody knew."""
        return self.state == "differs" and not self.claim.known

    def record(self) -> dict[str, Any]:
        """Everything, as `uzor ledger --json` prints it."""
        claim = self.claim
        return {
            "id": claim.id, "table": claim.table, "says": dict(claim.says), "source": claim.source,
            "definition": claim.definition, "relation": claim.relation, "expected": claim.expected,
            "tolerance": claim.tolerance, "needs": list(claim.needs), "state": self.state, "value": self.value,
            "why": self.why, "values": self.values, "known": dict(claim.known), "wrong": self.wrong,
        }  # fmt: skip


def check(claim: Claim, evidence: Evidence) -> Entry:
    """Measure one claim anew and say how it stands. LookupError when it names no measurement there is, ValueError when
    that one cannot use what the claim gives it.
    """
    if claim.measure not in MEASURES:
        raise LookupError(f"Claim {claim.id}: no measurement {claim.measure!r}; there are {', '.join(MEASURES)}")
    try:
        value = MEASURES[claim.measure](evidence, claim.of)
    except Undecided as no:
        return Entry(claim, no.state, no.value, no.why, no.values)
    except Unavailable as problem:
        return Entry(claim, "absent", None, "unavailable", {"what": problem.what, "remedy": problem.remedy})
    except (KeyError, TypeError) as error:
        raise ValueError(f"Claim {claim.id}: {claim.measure!r} cannot be measured of {dict(claim.of)}") from error
    if claim.holds(value):
        return Entry(claim, "reproduced", value)
    return Entry(claim, "differs", value, "known" if claim.known else "")


def ledger(evidence: Evidence, claims: Sequence[Claim] | None = None, progress: Progress = silent) -> tuple[Entry, ...]:
    """Every claim of the report, of the other documents' tables, of Uzor's own pages; or of `claims`.

    May raise Cancelled.
    """
    listed = everything(evidence.home) if claims is None else claims
    entries = []
    for done, claim in enumerate(listed):
        progress(done, len(listed), "ledger")
        entries.append(check(claim, evidence))
    progress(len(listed), len(listed), "ledger")
    return tuple(entries)


def everything(home: Path) -> tuple[Claim, ...]:
    """The shipped claims, with those of the documents' tables as the workspace has them before Uzor's own."""
    shipped = file_of_claims.read().claims
    own = [claim.table.startswith("uzor-") for claim in shipped]
    theirs, ours = (
        tuple(one for one, is_own in zip(shipped, own, strict=True) if is_own == wanted) for wanted in (False, True)
    )
    return (*theirs, *claims_of_documents.published(home), *ours)
