"""The bench: encoders, vectors, indexes, tasks, metrics and runs; no screen is known here."""
