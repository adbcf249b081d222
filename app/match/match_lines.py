"""A matching in plain text: what `uzor match` computes for its options, and the lines it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eval.matching import calibration, equal_recall, prices, sweep

if TYPE_CHECKING:
    from eval.matching.tally import Tally
    from eval.tasks.matching import Matches, Side

Record = dict[str, Any]


def record(found: Mapping[str, Matches], seed: int, asked: Mapping[str, Any]) -> Record:
    """Everything that was asked for, as JSON: a table a model, and what compares them."""
    tallies = {spec: matches.tally(asked["rule"]) for spec, matches in found.items()}
    models = [_model(spec, found[spec], tally, seed, asked) for spec, tally in tallies.items()]
    said: Record = {"rule": asked["rule"], "seed": seed, "models": models}
    if asked["recall"] is not None:
        said["equal_recall"] = equal_recall.compared(tallies, asked["recall"], seed).record()
    said["same_vectors"] = same_vectors(tallies)
    said["published"] = [asdict(one) for one in asked["published"]]
    return dict(_plain(said))


def _plain(value: Any) -> Any:
    """The same with None for what is not a number: JSON has no other word for it."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and value != value else value


def same_vectors(tallies: Mapping[str, Tally]) -> list[tuple[str, str]]:
    """Pairs of models whose counts are equal everywhere: they see pictures alike (one tower, other words)."""
    names = list(tallies)
    pairs = [(one, other) for number, one in enumerate(names) for other in names[number + 1 :]]
    return [(one, other) for one, other in pairs if equal_recall.alike(tallies[one], tallies[other])]


def _model(spec: str, matches: Matches, tally: Tally, seed: int, asked: Mapping[str, Any]) -> Record:
    points = sweep.sweep(tally, asked["thresholds"])
    rows = [point.record() | {"intervals": sweep.intervals(tally, point, seed)} for point in points]
    said: Record = {
        "spec": spec, "matches": tally.whole.matches, "others": tally.whole.others, "unjudged": tally.unjudged,
        "labels": matches.counted.used, "seconds": matches.seconds, "points": rows,
    }  # fmt: skip
    if asked["prices"]:
        choice = prices.cheapest(tally, asked["prices"])
        said["cheapest"] = choice.record() | {"held_out": prices.held_out(tally, asked["prices"])}
    if asked["probability"]:
        told = calibration.calibrate(tally, seed)
        said["probability"] = {
            "method": told.method, "log_loss": told.log_loss, "brier": told.brier, "baseline": told.baseline,
            "at": {str(point.threshold): told.at(point.threshold) for point in points},
        }  # fmt: skip
    return said


def heading(left: Side, right: Side, rule: str) -> str:
    """What is matched with what, and by which column it is checked."""
    names = [f"{s.catalogue.name}{f'/{s.source}' if s.source else ''} ({len(s.rows)} items)" for s in (left, right)]
    truth = " = ".join(dict.fromkeys(filter(None, (left.key, right.key)))) or "nothing but labels"
    out = ", ".join(dict.fromkeys(side.without.names for side in (left, right) if side.without.groups))
    left_out = f"; without {out}" if out else ""
    return f"{names[0]} × {names[1]}{left_out}; a match is equal {truth}; rule: {rule}"


def beside(before: Record, after: Record) -> list[str]:
    """Recall and precision of each model at each threshold with everything and without the groups left out."""
    wide = max(len(model["spec"]) for model in after["models"]) + 2
    shown = [f"{'before → after':<{wide}}{'threshold':>9}{'recall':>20}{'precision':>20}"]
    for first, second in zip(before["models"], after["models"], strict=True):
        for one, other in zip(first["points"], second["points"], strict=True):
            cells = "".join(f"{_share(one[name]):>10} → {_share(other[name]):<7}" for name in ("recall", "precision"))
            shown.append(f"{second['spec']:<{wide}}{other['threshold']:>9g}{cells}")
    return shown


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def lines(said: Record) -> list[str]:
    """The record as people read it."""
    shown: list[str] = []
    for model in said["models"]:
        shown += ["", *_table(model), *_prices(model), *_probability(model)]
    for one, other in said["same_vectors"]:
        shown += ["", f"{one} and {other} see these pictures exactly alike: their numbers are equal"]
    if "equal_recall" in said:
        shown += ["", *_equal(said["equal_recall"])]
    if said["published"]:
        shown += [
            "",
            "Published, of other pictures and judgments, not comparable:",
            *map(_published, said["published"]),
        ]
    return shown


def _table(model: Record) -> list[str]:
    pairs = model["matches"] + model["others"]
    head = f"{model['spec']}: {model['matches']} matches among {pairs} pairs"
    head += f", {model['labels']} of them by labels" if model["labels"] else ""
    head += f"; {model['unjudged']} shown pairs of unknown truth are not counted" if model["unjudged"] else ""
    rows = [head]
    rows.append(f"  {'cosine ≥':>9}{'TP':>8}{'FP':>10}{'FN':>8}{'recall':>9}{'precision':>11}  95 % interval"
                f"{'FPR':>11}{'FP/TP':>11}")  # fmt: skip
    for p in model["points"]:
        low, high = (ratio(value, 3) for value in p["intervals"]["precision"])
        rows.append(
            f"  {p['threshold']:>9.3f}{p['tp']:>8}{p['fp']:>10}{p['fn']:>8}{ratio(p['recall']):>9}"
            f"{ratio(p['precision']):>11}  {f'{low} – {high}':<13}{ratio(p['fpr'], 6):>11}{ratio(p['fp_tp']):>11}"
        )
    return rows


def _prices(model: Record) -> list[str]:
    if "cheapest" not in model:
        return []
    c = model["cheapest"]
    where = f"cosine ≥ {c['high']:.3f} is a match"
    where += f", {c['low']:.3f} … {c['high']:.3f} is checked by hand: {c['checked']} pairs" if c["checked"] else ""
    return [f"  cheapest: {where}; {c['missed']} missed, {c['wrong']} wrong; cost {c['cost']:.2f}, "
            f"{c['held_out']:.2f} with thresholds chosen on other items"]  # fmt: skip


def _probability(model: Record) -> list[str]:
    if "probability" not in model:
        return []
    told = model["probability"]
    losses = ", ".join(f"{name} {loss:.6f}" for name, loss in told["log_loss"].items())
    head = f"  probability of a match ({told['method']}; held-out log loss: {losses}; "
    head += f"knowing nothing {told['baseline']:.6f})"
    return [head, *(f"    at {cosine}: {at[0]:.4f}  95 % {ratio(at[1])} – {ratio(at[2])}"
                    for cosine, at in told["at"].items())]  # fmt: skip


def _equal(said: Record) -> list[str]:
    rows = [f"At recall {said['recall']:.2f}, each model at its own threshold:"]
    for standing in said["standings"]:
        point = standing["point"]
        if point is None:
            rows.append(f"  –       {standing['label']}: no threshold reaches it")
            continue
        bounds = f"{ratio(standing['low'])} – {ratio(standing['high'])}"
        rows.append(f"  precision {ratio(point['precision'])}  95 % {bounds}  FP/TP {ratio(point['fp_tp'])}  "
                    f"cosine ≥ {point['threshold']:.3f}  {standing['label']}")  # fmt: skip
    for d in said["differences"]:
        proven = "the same vectors" if d["same"] else "proven" if d["proven"] else "not proven"
        rows.append(f"  {d['first']} − {d['second']}: {d['mean']:+.4f}  [{d['low']:+.4f}, {d['high']:+.4f}]  {proven}")
    return rows


def _published(one: Mapping[str, Any]) -> str:
    numbers = ", ".join(
        f"{name} {one[name]:g}" for name in ("recall", "precision", "fpr", "fp_tp") if one[name] is not None
    )
    return f"  {one['model']} at {one['threshold']:g}: {numbers or 'nothing'}"


def ratio(value: float | None, digits: int = 4) -> str:
    """A ratio, a dash where there is none."""
    return "–" if value is None or value != value else f"{value:.{digits}f}"
