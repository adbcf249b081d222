"""The map: its points, how it comes to be, what is selected on it, and a query laid over it."""
