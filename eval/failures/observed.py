"""What was observed of one query in one run: the facts from which causes follow, as they are kept on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

NEAR = 20  # a relevant item down to this rank was missed narrowly
SHOWN = 10  # places of a list asked by a caption
TOP = 50  # results among which groups are looked for


@dataclass(frozen=True)
class Dropped:
    """The query asked again without one of its words."""

    word: str  # as it stands in the query
    kept: int  # of the first k results, how many stay among the first k without the word
    lacking: int  # of the wrong ones among the first k, how many do not have the word in their own words
    having: int  # of the relevant items, how many have it


@dataclass(frozen=True)
class Group:
    """One of the tight groups that the first results fall into."""

    words: tuple[str, ...]  # those that its items have and the other group's have not
    items: int
    relevant: int  # relevant items among them
    wrong: int  # of the wrong ones among the first k, how many are in it


@dataclass(frozen=True)
class Pictured:
    """What asking with a picture adds; shares are of a picture's area, None where no calm ground shows an object."""

    gaps: tuple[str, ...] = ()  # of the unjudged wrong ones, those that are nearly the picture of a relevant item
    lookalikes: tuple[str, ...] = ()  # of the wrong ones, those that are nearly the asking picture
    bare: tuple[str, ...] = ()  # of the asking picture ("") and the missed ones, those in which nothing is to be seen
    kind: str = ""  # the category of the relevant items, "" where they have none in common
    kindred: int = 0  # of the wrong ones, how many are of it
    common: float = 1.0  # share of the gallery that is
    ahead: int | None = None  # items of the whole gallery that stand before the first relevant one
    filled: float | None = None  # share that the object takes of the asking picture
    filled_missed: float | None = None  # of the missed ones (median)
    filled_alike: int = 0  # of the wrong ones, how many are framed like the asking picture
    ground_alike: int = 0  # of the wrong ones, how many stand on the asking picture's ground
    ground_missed: int | None = None  # of the missed ones, how many do; None where the asking picture has no ground
    missed: int = 0  # relevant items outside the first k that were looked at


@dataclass(frozen=True)
class Observed:
    """Facts about one query; None where nobody looked (no vectors, no words). Ranks start at 1; 0 is «not found».

    `hits` and `wrong` are counted among the first k; `possible` is min(k, relevant), so that the query has failed when
    `lost` is above 0. Text → text compares the query with the captions of the items, in the model's own space.
    """

    query: str
    k: int
    relevant: int
    hits: int
    first: int  # rank of the first relevant item
    near: int  # relevant items at ranks k+1 … NEAR
    wrong: int
    unjudged: int  # of the wrong ones
    gallery: int = 0  # items searched
    fitting: tuple[str, ...] | None = None  # of the unjudged ones, those whose words fit as well as the relevant ones'
    copies: tuple[str, ...] = ()  # the largest group of nearly equal pictures among the first k
    wrong_copies: int = 0
    hubs: tuple[tuple[str, int], ...] = ()  # wrong items of the first k → unrelated queries that get them as well
    unrelated: int = 0  # queries that share no relevant item with this one
    echoes: tuple[tuple[str, int], ...] = ()  # wrong items of the first k → caption lists elsewhere
    lists: int = 0  # caption lists about something else
    twins: int | None = None  # unrelated queries whose vectors are nearly the same as this one's
    nearly: float | None = None  # the cosine from which they are
    told: float | None = None  # mean cosine between captions that the model tells apart
    shared: int = 0  # of the first k results, how many such a query has as well (median)
    lexical_hits: int | None = None  # by BM25 among its first k
    lexical_first: int | None = None
    described_hits: int | None = None  # by text → text among its first k
    described_first: int | None = None
    standout: float | None = None  # best score above the gallery's mean, in its standard deviations
    usual: float | None = None  # the median of that over the run's queries
    fall: float | None = None  # best score minus the fiftieth
    usual_fall: float | None = None  # the median of that over the run's queries
    groups: tuple[Group, ...] = ()
    silhouette: float | None = None  # how tight and apart they are, −1 … 1 (Rousseeuw 1987)
    dropped: tuple[Dropped, ...] = ()
    pictured: Pictured | None = None  # where a picture asked

    @property
    def asks(self) -> str:
        """What asked: "words" or "pictures"."""
        return "words" if self.pictured is None else "pictures"

    @property
    def possible(self) -> int:
        """How many relevant items the first k places can hold."""
        return min(self.k, self.relevant)

    @property
    def lost(self) -> int:
        """Relevant items that could stand among the first k and do not."""
        return self.possible - self.hits

    def record(self) -> dict[str, Any]:
        """As JSON holds it; what nobody looked at is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Observed:
        """What `record` wrote; TypeError or KeyError when it is something else."""
        plain = {name: value for name, value in record.items() if name in cls.__dataclass_fields__}
        for name in ("fitting", "copies"):
            if name in plain:
                plain[name] = tuple(plain[name])
        for name in ("hubs", "echoes"):
            plain[name] = tuple((item, count) for item, count in plain.get(name, ()))
        plain["groups"] = tuple(Group(**{**g, "words": tuple(g["words"])}) for g in plain.get("groups", ()))
        plain["dropped"] = tuple(Dropped(**d) for d in plain.get("dropped", ()))
        if "pictured" in plain:
            lists = {name: tuple(plain["pictured"][name]) for name in ("gaps", "lookalikes", "bare")}
            plain["pictured"] = Pictured(**{**plain["pictured"], **lists})
        return cls(**plain)
