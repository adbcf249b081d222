"""The thread chart: sixty-four colours under names of our own, pale to dark within each part of the rainbow."""

from __future__ import annotations

from data.embroidery import Thread

_CHART = (
    "milk f7f4ec, chalk ffffff, cream f3e6c8, ivory ebdcb0, sand d9c091, straw e7cd72, butter f8e48a, "
    "lemon fbdc3a, sun fcc419, honey e7a01c, amber d98210, apricot f8b37a, melon f59256, tangerine f27a1f, "
    "pumpkin dd5e12, fox c9581e, copper b05a2b, peach fac5ae, skin efc3a0, blush f6b9b5, rose ee8ea0, "
    "coral f06c5d, poppy e03a2c, cherry c21f33, ruby a3142f, wine 741b33, berry b3245f, fuchsia d9348a, "
    "peony f08cb8, candy f9bcd6, orchid c88ad0, lilac b69ad8, lavender 9f8fcf, violet 7a4fa8, plum 5d2f6f, "
    "iris 5a5bc0, cornflower 5a83d6, sky 8fc1ea, ice c7e2f2, sea 3f97b8, lagoon 2fb0b5, turquoise 56c9bd, "
    "azure 2f7fd0, royal 2450a8, navy 1c2f5e, ink 141c36, mint a9dcc0, pistachio bcd58a, lime 98c93c, "
    "apple 6cb33f, grass 3f9440, leaf 2f7a3a, moss 6d7a35, olive 8a8238, fir 1f5138, latte c9a582, "
    "caramel a9743f, walnut 7b4f2d, chestnut 5f3420, cocoa 43281d, pearl d3d3d0, mist a9adb1, stone 73777c, "
    "coal 1f1f22"
)


def _read(chart: str) -> dict[str, Thread]:
    threads = {}
    for number, entry in enumerate(chart.split(", ")):
        name, digits = entry.split()
        red, green, blue = bytes.fromhex(digits)
        threads[name] = Thread(name, (red, green, blue), f"U{100 + number}")
    return threads


THREADS: dict[str, Thread] = _read(_CHART)


def thread(name: str) -> Thread:
    """The thread called `name`; LookupError naming the chart."""
    try:
        return THREADS[name]
    except KeyError:
        raise LookupError(f"There is no thread {name!r}; the chart has {', '.join(THREADS)}") from None
