"""One file per index back end; the registry finds them by their `INDEX`."""
