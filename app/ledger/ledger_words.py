"""The ledger in words: states, tables and reasons in the visitor's language, numbers with their digits."""

from __future__ import annotations

from app.language import N_, _, language, number
from app.vocabulary import word
from data.claims import Claim, Claims, Said
from data.published_layouts import LAYOUTS
from eval.ledger import Entry

STATES = {
    "reproduced": N_("Reproduced"),
    "differs": N_("Differs"),
    "incomparable": N_("Not comparable"),
    "absent": N_("Cannot run here"),
}
TABLES = {
    "report-results": N_("The 2025 report: its table of results"),
    "report-measured": N_("The same table, measured again"),
    "report-pairs": N_("The 2025 report: «Cosine Sim»"),
    "report-counts": N_("The 2025 report: what was counted"),
    "report-significance": N_("What the report's figures can tell"),
    "report-training": N_("The 2025 report: training"),
    "report-service": N_("The 2025 report: its web service"),
    "document-traps": N_("What the documents' numbers are, and what they are not"),
    "document-electrical-goods": N_("Electrical goods: photo → category"),
    "document-electrical-goods-online": N_("Electrical goods: running online"),
    "document-electrical-goods-items": N_("Electrical goods: photo → item"),
    "document-sneakers": N_("Sneakers: features by classifiers"),
    "document-sneakers-items": N_("Sneakers: photo → item"),
    "document-sneakers-soles": N_("Sneakers: with and without the cluster of soles"),
    "document-matching": N_("Groceries: two shops matched, by model and threshold"),
    "document-groceries-timing": N_("Groceries: pair by pair or as matrices, and what it costs"),
    "document-vova": N_("VOVA: photo → item"),
    "uzor-models": N_("Uzor: bundled models"),
    "uzor-pictures": N_("Uzor: asking with a picture"),
    "uzor-classification": N_("Uzor: classification"),
    "uzor-catalogues": N_("Uzor: catalogues and query sets"),
    "uzor-matching": N_("Uzor: matching"),
    "uzor-efficiency": N_("Uzor: what running a model costs"),
    "uzor-method": N_("Uzor: methods"),
    "uzor-speed": N_("Uzor: speed and parity"),
}
PARTS = {
    "report": N_("Embroidery, the 2025 report"),
    "electrical-goods": N_("Electrical goods"),
    "sneakers": N_("Sneakers"),
    "groceries": N_("Groceries"),
    "vova": "VOVA",
    "traps": N_("What the numbers are not"),
    "uzor": N_("Uzor's own pages"),
}
REASONS = {
    "no_run": N_("No run of {specs} over the report's pictures is stored here."),
    "other_run": N_(
        "The nearest here is {spec} with {value} over {gallery} items of {catalogue}: "
        "other weights, other pictures, other judgments."
    ),
    "other_pairs": N_("The number depends on how many pairs stand together: {theirs} there, {pairs} here."),
    "no_report": N_("The report's own tables and query file are not here; uzor import-report takes them in."),
    "other_judgments": N_("{name} asks the same queries, but its judgments are of {value} other pictures."),
    "other_way": N_("Uzor runs frozen towers once and keeps their features, so there is no such epoch to measure."),
    "no_catalogue": N_("The catalogue {name} is not imported here."),
    "no_such_run": N_(
        "No run of {spec} with {queries} queries over {gallery} items is stored here that was made plainly: in fp32, "
        "with no correction and no group left out."
    ),
    "other_shops": N_("Other shops, pictures and weights: nothing here measures the same."),
    "published_unknown": N_(
        "The document's values are not known to this copy, and none are made up. Bring {file} with the columns "
        "{columns}; {command} writes it empty."
    ),
    "beyond_most": N_("By the numbers beside it, it cannot be above {value}."),
    "beyond_least": N_("By the numbers beside it, it cannot be below {value}."),
    "within_bounds": N_(
        "The numbers beside it allow it; other pictures and machines, so nothing here measures the same."
    ),
    "no_architecture": N_("{name} is no architecture that is known here, so its size cannot be counted."),
    "networks_unasked": N_("uzor ledger --networks builds {name} and counts its parameters; it takes some seconds."),
    "other_machine": N_("Measured here on another machine or with other threads: {value}."),
    "busy_machine": N_("Measured here while others used the machine, or in a single process: {value}."),
    "no_matching": N_("No matching is kept here; uzor match makes one."),
    "no_run_of_several": N_("No run of {specs} whose queries have several relevant items each is stored here."),
    "no_such_cost": N_("No measurement of {spec} over {catalogue} under the same settings is kept here."),
    "no_such_matching": N_("No matching of {left} with {right} items by {spec} is kept here."),
    "no_such_probe": N_("No classification of {column} in {catalogue} with the vectors of {spec} is kept here."),
    "own_command": N_("Measured by {command}, which keeps nothing that could be compared here."),
    "unavailable": N_("Not on this machine: {what} {remedy}"),
}


def state(code: str) -> str:
    """The name of a state."""
    return word(STATES, code)


def table(code: str) -> str:
    """The title of a table of claims; an unknown code stays as it is."""
    return word(TABLES, code)


def part(table: str) -> str:
    """Which of PARTS a table of claims belongs to."""
    kind, _dash, key = table.partition("-")
    return (LAYOUTS[key].document if key in LAYOUTS else key) if kind == "document" else kind


def why(entry: Entry) -> str:
    """Why an entry stands as it does: the known difference, or what is lacking; "" for a plain comparison.

    Values of other people's making (names, specs) stand in it as they are: escape it for Markdown.
    """
    if entry.why == "known":
        return said(entry.claim.known)
    if not entry.why:
        return ""
    if entry.why == "published_unreadable":
        return said(entry.values)
    values = {name: number(value) if isinstance(value, int) else value for name, value in entry.values.items()}
    values["value"] = "—" if entry.value is None else number(entry.value, entry.claim.digits)
    return word(REASONS, entry.why).format(**values)


def said(text: Said) -> str:
    """A text of the file of claims in the visitor's language."""
    return text.get(language(), "")


def claimed(entry: Entry) -> str:
    """The claimed number with the relation to it, where that is not equality."""
    if entry.claim.expected is None:
        return "—"
    sign = "" if entry.claim.relation == "=" else f"{entry.claim.relation} "
    return sign + number(entry.claim.expected, entry.claim.digits)


def found(entry: Entry) -> str:
    """The number found here, a dash where there is none that could be compared."""
    return "—" if entry.value is None or entry.state == "incomparable" else number(entry.value, entry.claim.digits)


def tolerance(claim: Claim) -> str:
    """How far the number may be off: "± 0.0005", or that it must be exact; a dash where there is no number."""
    if claim.expected is None:
        return "—"
    decimals = f"{claim.tolerance:.10f}".rstrip("0").partition(".")[2]
    return f"± {number(claim.tolerance, len(decimals))}" if claim.tolerance else _("exact")


def about(claim: Claim, words: Claims) -> dict[str, str]:
    """What is behind a claim, by its heading: source, definition, tolerance, data it takes."""
    shown = {_("Source"): said(words.sources[claim.source])}
    if claim.definition:
        shown[_("Definition")] = said(words.definitions[claim.definition])
    needs = "; ".join(said(words.needs[need]) for need in claim.needs)
    return {**shown, _("Tolerance"): tolerance(claim), _("Needs"): needs}
