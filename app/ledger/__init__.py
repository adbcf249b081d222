"""The ledger of numbers on the screen and on the command line."""
