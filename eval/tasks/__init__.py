"""One file per task; the registry finds them by their `TASK`."""
