"""Fine-tuning as the Bench offers it: which pairs and which test belong to a catalogue, then `eval.finetune`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.stored import Stored
from data import captions as pairs_of
from data import queries
from data.progress import Progress, silent
from eval.contracts import ModelSpec

if TYPE_CHECKING:
    from eval.tuned import Tuned


class Tuning(Stored):
    """The use cases of fine-tuning; part of `app.bench.Bench`."""

    def finetune(
        self, base: str, catalogue: str, pairs: Path | None = None, captions: Sequence[str] = (), name: str = "",
        recipe: str = "", tests: Sequence[str] | None = None, together: Sequence[str] = (), near: bool = True,
        progress: Progress = silent, **changes: Any,
    ) -> Tuned:  # fmt: skip
        """Tune a model on a catalogue's pictures and words; killed or cancelled, the same call goes on.

        Words come from the file `pairs`, else from the columns `captions`. Items judged by the query sets `tests` (all
        of this catalogue's by default) are never learnt from, nor is what looks like them; where another query set's
        are, the result is stamped. `together` names columns
        whose equal values keep items on one side; `changes` are numbers of the recipe. ValueError for an impossible
        recipe or a name that is taken, else as `eval.finetune.finetune`.
        """
        from eval import finetune
        from eval.finetuning.recipe import recipe as chosen

        learnt = self.catalogue(catalogue)
        words = pairs_of.read(Path(pairs), learnt) if pairs else pairs_of.of_catalogue(learnt, captions)
        there = queries.names(self.home, catalogue)
        named = there if tests is None else list(tests)
        pools = {one: queries.load(self.home, one).pool for one in {*there, *named}}
        judged = frozenset(item for one in named for item in pools[one])
        others = {one: pool for one, pool in sorted(pools.items()) if one not in named}
        plan = finetune.Plan(ModelSpec.parse(base), learnt, words, chosen(recipe, **changes), judged, tuple(named),
                             others, tuple(together), near)  # fmt: skip
        return finetune.finetune(plan, self.home, name, progress)

    def tuned(self) -> list[Tuned]:
        """Everything that was tuned here or ships with Uzor; `curve` has its data for a chart."""
        from eval import tuned

        return tuned.every(self.home)

    def curve(self, name: str) -> list[dict[str, float]]:
        """The curve of tuned weights, a row an epoch: losses, cosine of pairs, R@5; LookupError for an unknown name."""
        from eval.finetuning import outcome

        known = {one.name: one for one in self.tuned()}
        if name not in known:
            raise LookupError(f"There are no tuned weights {name!r}; there are: {', '.join(known) or 'none yet'}")
        return outcome.curve(known[name])
