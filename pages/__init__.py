"""One short script per page: read the choices, ask the bench, draw."""
