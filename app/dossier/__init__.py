"""The printed report: its sections, its files, the button."""
