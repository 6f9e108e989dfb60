"""Findings: of all that is measured, what moved, what it is worth, and what to do about it."""
