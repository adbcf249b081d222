"""The errors Uzor shows to people: each says what came, what could have come and what to do next.

ValueError      what came cannot be read or does not fit
LookupError     nothing of that name is here
Unavailable     a package, weights, a server or room on the disk is missing; `remedy` mends it
Cancelled       the user asked to stop; nothing half-done is left
"""

from __future__ import annotations


class Unavailable(RuntimeError):
    """Something Uzor needs is not on this machine.

    `remedy` is the command or action that mends it; it is part of `str(error)`.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what = what
        self.remedy = remedy


class Cancelled(RuntimeError):
    """The user cancelled; the work stopped between two steps and left nothing half-done."""
