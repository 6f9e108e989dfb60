"""Faults planted one at a time: each must be caught by the tests of its own room."""
