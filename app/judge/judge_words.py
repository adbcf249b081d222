"""Words of judging that the engine says in English codes, in the visitor's language."""

from __future__ import annotations

from app.language import N_

VIEWS = {
    "judge": N_("Judge"),
    "scores": N_("Scores and gaps"),
    "raters": N_("Raters"),
    "sources": N_("Sources"),
    "files": N_("Files"),
}
WANTED = {
    "unjudged": N_("Nobody has graded yet"),
    "second": N_("Second opinion on others' grades"),
    "all": N_("Everything, imported grades too"),
    "reworded": N_("Judged when the query had other words"),
}
ORDERS = {"weight": N_("What decides most first"), "shuffled": N_("Shuffled")}
DESCRIBED = {"yes": N_("In the pool, too"), "no": N_("Left out")}
RULE_NAMES = {
    "majority": N_("Majority, ties to the lower"),
    "mean": N_("Mean, halves upwards"),
    "strictest": N_("The strictest"),
    "newest": N_("The newest"),
}
SOURCES = {"imported": N_("imported"), "rater": N_("raters"), "unknown": N_("origin unknown")}
GROUPS = {
    "source": N_("Source"),
    "rater": N_("Rater"),
    "chosen": N_("Proposed by"),
}
BOARDS = {"without": N_("Each source left out"), "only": N_("Each source alone")}
REPORTED = N_("An item without a judgment counts as not relevant: what is usually reported.")
PESSIMISTIC = N_(
    "The lowest mean that the missing labels allow. A query without a known relevant item counts from the moment one "
    "of its results is judged right; where the model does not show that one, the mean falls."
)
OPTIMISTIC = N_("The highest mean that the missing labels allow: nothing missing can lift the score higher.")
CONDENSED = N_("Items without a judgment are taken out of the ranking before the score is computed (Sakai 2007).")
INTERVAL = N_(
    "BCa bootstrap of the reported mean over queries: what other queries of this kind could have given. The bounds "
    "beside it say something else: what the missing labels can change on these queries."
)
ALPHA = N_(
    "Krippendorff's alpha for ordered grades over pairs that two raters or more have graded: 1 is full agreement, 0 is "
    "what chance gives. The interval is a 95 % bootstrap over pairs."
)
KAPPA = N_("Cohen's kappa of two raters: agreement beyond what their own frequencies of grades give by chance.")
WEIGHTED = N_("Cohen's kappa with quadratic weights: 2 against 0 counts four times as much as 2 against 1.")
TAU = N_("Kendall's tau-b between this order of models and that of the whole leaderboard: 1 is the same order.")
GUIDE = N_(
    "2 — right: somebody who searched for this would be glad to see it. 1 — partly: the subject is there but beside "
    "something else, or only hinted at. 0 — wrong. Press X when you cannot tell from picture and title. Judge the "
    "picture, not how well it is made."
)
