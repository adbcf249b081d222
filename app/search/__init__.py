"""Asking a catalogue: words, photos, items, what is unwanted; and why something was found."""
