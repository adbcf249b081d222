"""One file per model family; the registry finds them by their `FAMILY`."""
