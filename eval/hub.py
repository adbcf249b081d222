"""Published weights in the Hugging Face cache: found there without any network, and downloaded only when asked to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Read by huggingface_hub when it is first imported: nothing in this process goes to the network by itself.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
if "huggingface_hub.constants" in sys.modules:  # somebody was faster
    sys.modules["huggingface_hub.constants"].HF_HUB_OFFLINE = True  # type: ignore[attr-defined]


def cached(repo: str, filename: str) -> Path | None:
    """The file of a hub repository in the local cache (HF_HOME or HF_HUB_CACHE say where), or None."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repo, filename)
    return Path(found) if isinstance(found, str) else None


def cache_folder(repo: str) -> Path:
    """Where the cache keeps, or would keep, that repository."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / ("models--" + repo.replace("/", "--"))
