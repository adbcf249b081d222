"""Where judgments came from and whom that favours: leaderboards without each source, who chose the candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.contracts import ModelSpec
from eval.judging.bounds import counted
from eval.judging.merging import Labels, Opinions, labels
from eval.judging.pooling import Ranked

SHARE = 0.5  # of the judged pairs whose origin is known: above it, one model chose what counts as relevant
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Board:
    """The runs' P@k when some judgments are left out, or only some are kept; scores by `Ranked.key`.

    `tau` is Kendall's tau-b with the order of the whole leaderboard; None where an order has fewer than two places.
    """

    kind: str  # "all" | "without" | "only"
    group: str  # "source" | "rater" | "chosen"; "" for the whole
    name: str
    pairs: int  # judged pairs that this leaderboard rests on
    queries: int
    scores: dict[str, float]
    judged: dict[str, float]  # Judged@k
    tau: float | None

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return asdict(self)


@dataclass(frozen=True)
class Share:
    """What a compared run (`key`, of `Ranked.key`) and its model have to do with the judgments.

    `proposed` judged pairs stood in a ranking of it (`family`: of another model of its family) when they were judged;
    `only` counts those that nobody else proposed; `unique` relevant items that it alone shows among its first k.
    """

    key: str
    model: str
    proposed: int
    family: int
    only: int
    unique: int
    judged: float  # Judged@k

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return asdict(self)


@dataclass(frozen=True)
class Audit:
    """Everything the judgments' origin says of a comparison; `warned` are the models that chose the candidates."""

    k: int
    known: int  # judged pairs whose rankings are on record
    unknown: int
    shares: tuple[Share, ...]
    boards: tuple[Board, ...]
    warned: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {**asdict(self), "boards": [board.record() for board in self.boards]}


def audit(held: Opinions, ranked: Sequence[Ranked], k: int, queries: Sequence[str], rule: str = "majority") -> Audit:
    """Leaderboards leave-one-source-out and per source, and who chose the candidates, for the models of `ranked`."""
    whole = labels(held, rule)
    seen = {pair: _proposers(of_pair.values()) for pair, of_pair in held.items() if pair[1] in whole.get(pair[0], {})}
    shares = tuple(_share(one, ranked, whole, seen, k, queries) for one in ranked)
    known = sum(bool(names) for names in seen.values())
    return Audit(
        k,
        known,
        len(seen) - known,
        shares,
        tuple(_boards(held, ranked, k, queries, rule)),
        _warned(shares, known),
    )


def _proposers(rows: Iterable[Any]) -> frozenset[str]:
    return frozenset(one.spec for row in rows for one in row.saw)


def _warned(shares: Sequence[Share], known: int) -> tuple[str, ...]:
    """Models that proposed more than half of the pairs of known origin while another compared model proposed fewer.

    A model's family counts as the model: heads tuned over it see nearly what it sees.
    """
    reach = {share.model: share.proposed + share.family for share in shares}
    uneven = known > 0 and len(set(reach.values())) > 1
    return tuple(
        model for model, count in reach.items() if uneven and count > SHARE * known and count == max(reach.values())
    )


def _share(
    one: Ranked, ranked: Sequence[Ranked], whole: Labels, seen: Mapping[tuple[str, str], frozenset[str]], k: int,
    queries: Sequence[str],
) -> Share:  # fmt: skip
    kin = _family(one.name)
    proposed = [names for names in seen.values() if one.name in names]
    family = sum(one.name not in names and any(_family(name) == kin for name in names) for names in seen.values())
    unique = 0
    for query in queries:
        others = {item for other in ranked if other is not one for item in other.items.get(query, ())[:k]}
        mine = [item for item in one.items.get(query, ())[:k] if item not in others]
        unique += sum(whole.get(query, {}).get(item, 0) >= 1 for item in mine)
    only = sum(len(names) == 1 for names in proposed)
    return Share(one.key, one.name, len(proposed), family, only, unique, _judged(one, whole, k, queries))


def _family(name: str) -> str:
    """The family of a spec with its checkpoint, without tuned heads; other names are families of their own."""
    try:
        spec = ModelSpec.parse(name)
    except ValueError:
        return name
    return f"{spec.family}:{spec.checkpoint.partition('@')[0]}"


def _judged(one: Ranked, whole: Labels, k: int, queries: Sequence[str]) -> float:
    shown = [(query, item) for query in queries for item in one.items.get(query, ())[:k]]
    return sum(item in whole.get(query, {}) for query, item in shown) / len(shown) if shown else 0.0


def _boards(
    held: Opinions, ranked: Sequence[Ranked], k: int, queries: Sequence[str], rule: str
) -> list[Board]:  # fmt: skip
    first = _board("all", "", "", held, ranked, k, queries, rule, None)
    found = [first]
    for group, names_of in GROUPS.items():
        names = sorted({name for of_pair in held.values() for row in of_pair.values() for name in names_of(row)})
        if len(names) < 2 and group != "chosen":
            continue
        for name in names:
            for kind in ("without", "only"):
                kept = _kept(held, names_of, name, kind)
                found.append(_board(kind, group, name, kept, ranked, k, queries, rule, first.scores))
    return found


GROUPS: dict[str, Callable[[Any], Sequence[str]]] = {
    "source": lambda row: [row.source],
    "rater": lambda row: [row.rater] if row.rater else [],
    "chosen": lambda row: sorted({one.spec for one in row.saw}) or [UNKNOWN],
}


def _kept(held: Opinions, names_of: Callable[[Any], Sequence[str]], name: str, kind: str) -> Opinions:
    """Opinions without those that only `name` accounts for, or only those that it has a part in."""
    stays: Callable[[Any], bool]
    if kind == "only":
        stays = lambda row: name in names_of(row)  # noqa: E731
    else:
        stays = lambda row: list(names_of(row)) != [name]  # noqa: E731
    found = {pair: {who: row for who, row in of_pair.items() if stays(row)} for pair, of_pair in held.items()}
    return {pair: of_pair for pair, of_pair in found.items() if of_pair}


def _board(
    kind: str, group: str, name: str, held: Opinions, ranked: Sequence[Ranked], k: int, queries: Sequence[str],
    rule: str, whole: Mapping[str, float] | None,
) -> Board:  # fmt: skip
    graded = labels(held, rule)
    inside = counted(graded, queries)
    scores = {one.key: _precision(one, graded, k, inside) for one in ranked}
    judged = {one.key: _judged(one, graded, k, queries) for one in ranked}
    pairs = sum(len(items) for items in graded.values())
    return Board(kind, group, name, pairs, len(inside), scores, judged, tau(scores, whole) if whole else None)


def _precision(one: Ranked, graded: Labels, k: int, queries: Sequence[str]) -> float:
    hits = sum(graded[query].get(item, 0) >= 1 for query in queries for item in one.items.get(query, ())[:k])
    return hits / (k * len(queries)) if queries else float("nan")


def tau(first: Mapping[str, float], second: Mapping[str, float]) -> float | None:
    """Kendall's tau-b (ties counted, Kendall 1945) between two leaderboards over the models that both have."""
    from scipy.stats import kendalltau

    both = [name for name in first if name in second]
    found = float(kendalltau([first[n] for n in both], [second[n] for n in both]).statistic) if len(both) > 1 else None
    return None if found is None or found != found else found
