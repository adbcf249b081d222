"""Named groups of a catalogue's items: kept, left out of tasks, and what leaving one out does to a metric."""
