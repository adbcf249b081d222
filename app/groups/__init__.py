"""Groups of items: named on the map, left out of tasks, and what that changes."""
