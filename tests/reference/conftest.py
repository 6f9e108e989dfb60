"""The references are compared as `near` says."""

from tests.reference.near import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]
