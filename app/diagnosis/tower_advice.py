"""What the towers of a model advise, in the visitor's words: what it means, what to do about it, and its sign."""

from __future__ import annotations

from app.language import N_

TUNED = N_(
    "Still its pictures' side adds nothing proven: add training pairs whose pictures look like this shop's, or leave "
    "pictures out."
)
ADVICE = {
    "text": (
        N_("Texts answer: search by titles and descriptions"),
        N_("The pictures' side adds nothing proven. Fine-tune the model on this catalogue, or leave pictures out."),
        "article",
    ),
    "image": (
        N_("Pictures answer: search by pictures"),
        N_("Titles and descriptions add nothing proven. Write better ones before searching in them."),
        "image",
    ),
    "fuse": (
        N_("Both sides together: fuse texts and pictures"),
        N_("The fusion is proven better than texts alone and than pictures alone, on queries it was not tuned on."),
        "merge",
    ),
    "undecided": (
        N_("Neither side is proven better"),
        N_("The difference is within what chance does with so few queries. Judge more queries."),
        "balance",
    ),
}

PICTURED = {  # where items ask with their pictures
    "text": (
        N_("The item's words answer better than its picture"),
        N_("Fine-tune the model on pairs of pictures, or ask with the item's words beside its picture."),
        "article",
    ),
    "image": (
        N_("Pictures answer: search by the picture"),
        N_("The asking item's title and description add nothing proven."),
        "image",
    ),
    "fuse": (
        N_("Both together: the picture and the item's words"),
        N_("The fusion is proven better than words alone and than pictures alone, on queries it was not tuned on."),
        "merge",
    ),
}
