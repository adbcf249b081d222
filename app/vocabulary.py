"""Words the engine says in English codes, named here so that the screen can say them in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping

from app.language import N_, _

GROUPS = {"clip": N_("CLIP"), "ruclip": N_("ruCLIP"), "pictures": N_("Pictures only"), "other": N_("Others")}
TITLES = {
    "BM25 (words of titles and descriptions)": N_("BM25 (words of titles and descriptions)"),
    "chance (random order)": N_("Chance (random order)"),
    "HOG (gradients)": N_("HOG (gradients)"),
    "SIFT (bag of key points)": N_("SIFT (bag of key points)"),
    "RGB histogram": N_("RGB histogram"),
    "pHash (perceptual hash)": N_("pHash (perceptual hash)"),
    "aHash (average hash)": N_("aHash (average hash)"),
    "dHash (difference hash)": N_("dHash (difference hash)"),
}
WEIGHTS = {"pretrained": N_("Pretrained"), "tuned": N_("Fine-tuned")}
POOLS = {"catalogue": N_("Whole catalogue"), "judged": N_("Judged items only")}
CORRECTIONS = {"none": N_("Plain cosine"), "csls": N_("CSLS"), "centred": N_("Centring")}
CORRECTION_SAYS = {
    "none": N_("Items are ranked by the cosine between query and picture."),
    "csls": N_("From each picture's cosine half of its mean cosine to its 10 nearest captions is taken off."),
    "centred": N_("The mean picture is taken off every picture and the mean caption off every query."),
}
METHODS = {"umap": N_("UMAP"), "tsne": N_("t-SNE"), "pca": N_("PCA"), "svd": N_("SVD")}
METHOD_SAYS = {
    "umap": N_("Keeps neighbours together; distances between far groups mean little."),
    "tsne": N_("Keeps the nearest neighbours together; sizes and distances of groups mean nothing."),
    "pca": N_("The two directions of greatest spread; distances are true but only in part."),
    "svd": N_("As PCA, but with the mean left in: the first direction is mostly what all pictures share."),
}
STEPS = {
    "start": N_("Starting"),
    "unpack": N_("Unpacking"),
    "likeness": N_("Comparing pictures"),
    "features": N_("Computing features"),
    "texts": N_("Reading captions"),
    "finetune": N_("Learning"),
    "read": N_("Reading rows"),
    "pictures": N_("Opening pictures"),
    "write": N_("Saving"),
    "wait": N_("Waiting for another job"),
    "embed": N_("Computing vectors"),
    "evaluate": N_("Running queries"),
    "reduce": N_("Laying out the map"),
    "map": N_("Laying out the map"),
    "judge": N_("Measuring how true the map is"),
    "agreement": N_("Comparing with fp32"),
    "copy": N_("Copying pictures"),
    "download": N_("Downloading weights"),
    "causes": N_("Looking for causes"),
    "corrections": N_("Trying corrections"),
    "galleries": N_("Growing galleries"),
    "fusion": N_("Asking every query"),
    "words": N_("Leaving words out"),
    "squares": N_("Greying squares out"),
    "match": N_("Comparing pairs"),
    "classify": N_("Trying classifiers"),
    "measure": N_("Measuring, one process at a time"),
}
JOBS = {
    "import": N_("Import"),
    "import-report": N_("Files of the original project"),
    "finetune": N_("Fine-tuning"),
    "embed": N_("Vectors"),
    "evaluate": N_("Evaluation"),
    "map": N_("Map"),
    "fetch": N_("Download"),
    "demo": N_("Demonstration"),
    "diagnose": N_("Causes of failures"),
    "curve": N_("Size of the gallery"),
    "towers": N_("Words, descriptions, pictures"),
    "explain": N_("Explanation"),
    "match": N_("Matching"),
    "classify": N_("Classification"),
    "efficiency": N_("Efficiency"),
}
PROJECT_FILES = {
    "products": N_("Products of the shops"),
    "total": N_("Table of all items"),
    "train": N_("Table of the training items"),
    "test": N_("Table of the test items"),
    "vectors": N_("Ready vectors"),
    "queries": N_("Queries with judgments"),
    "weights": N_("Fine-tuned weights"),
    "archive": N_("Archive: it will be opened"),
    "picture": N_("Pictures"),
    "unknown": N_("Not known by this name: left out"),
}
MODES = {"heads": N_("The two projections"), "towers": N_("Whole towers")}
RECIPES = {"default": N_("Uzor's"), "report": N_("The 2025 report's")}
SAME_CAPTION = {"ignored": N_("No negatives"), "negative": N_("Negatives")}
STAMPS = {
    "chosen on the test set": N_("chosen on the test set"),
    "no better than its base on held-out pairs": N_("no better than its base on held-out pairs"),
}
CURVES = {
    "train_loss": N_("Loss, training"),
    "validation_loss": N_("Loss, held-out"),
    "pair_cosine": N_("Cosine of pairs"),
    "match_probability": N_("Probability (softmax)"),
    "R@5": N_("R@5, held-out"),
}
FIELDS = {
    "id": N_("Id"),
    "title": N_("Title"),
    "image": N_("Picture"),
    "description": N_("Description"),
    "category": N_("Category"),
    "source": N_("Source"),
    "price": N_("Price"),
    "url": N_("Link"),
    "tags": N_("Tags"),
    "sha256": N_("Picture hash"),
    "size_mm": N_("Size, mm"),
    "stitches": N_("Stitches"),
    "colours": N_("Colours"),
    "threads": N_("Threads"),
    "formats": N_("Machine formats"),
    "!group": N_("Groups"),
}
PROVENANCE = {
    "catalogue": N_("Catalogue"),
    "query_set": N_("Query set"),
    "encoder": N_("Model"),
    "searcher": N_("Search"),
    "vectors": N_("Vectors"),
    "k": N_("k"),
    "pool": N_("Pool"),
    "gallery": N_("Gallery"),
    "catalogue_size": N_("Items"),
    "where": N_("Filters"),
    "precision": N_("Precision of numbers"),
    "index": N_("Index"),
    "correction": N_("Correction"),
    "depth": N_("Depth"),
    "fields": N_("Fields"),
    "words": N_("Words"),
    "platform": N_("System"),
    "processor": N_("Processor"),
    "cores": N_("Cores"),
    "usable_cores": N_("Cores used"),
    "threads": N_("Computing threads"),
}
LONG_NAMES = {"P": "Precision", "R": "Recall", "Hit": "Hit rate", "RR": "MRR", "AP": "mAP", "Rprec": "R-precision"}
METRICS = {
    "P": N_("Share of the first k places that hold a relevant item; the denominator is k, however few were found."),
    "R": N_("Share of the query's relevant items that stand among the first k."),
    "Hit": N_("1 when at least one relevant item stands among the first k, else 0."),
    "RR": N_("1 / rank of the first relevant item; 0 when none was found (within k, if there is a k)."),
    "AP": N_("Mean, over all relevant items, of the precision at the rank of each; an item that was not found adds 0."),
    "nDCG": N_(
        "Grades found, each divided by log2(rank + 1), relative to the best possible order of the judged items."
    ),
    "Rprec": N_("Precision at R, where R is the number of the query's relevant items."),
    "Judged": N_(
        "Share of the first k results that have a judgment, relevant or not: how far the other numbers can be trusted."
    ),
}
BUNDLED = {
    "ruclip": N_("A small model for demonstration. It learnt Russian words only; words it never saw find anything."),
    "openclip": N_("A small model for demonstration. It learnt English words only; words it never saw find anything."),
}
NOTES = {
    "cut": N_("The query is longer than 500 characters; only the beginning was used."),
    "replaced": N_("Invisible or broken characters were replaced in the query."),
    "truncated": N_("The model reads only the beginning of so long a query."),
}


def long_name(name: str) -> str:
    """ "P@5" → "Precision@5": the name a metric is known by."""
    family, at, k = name.partition("@")
    return (metric_name(family) if family == "Judged" else LONG_NAMES.get(family, family)) + at + k


def metric_name(name: str) -> str:
    """A metric as columns call it; the share of judged items has a word of its own: "Judged@5" → "Размечено@5"."""
    return _("Judged") + name.removeprefix("Judged") if name.startswith("Judged") else name


def metric_says(name: str) -> str:
    """The definition of a metric such as "P@5"; "" for one that has none here."""
    return word(METRICS, name.partition("@")[0]) if name.partition("@")[0] in METRICS else ""


def word(table: Mapping[str, str], code: str) -> str:
    """The word for `code` in the visitor's language; an unknown code stays as it is."""
    return _(table[code]) if code in table else code
