"""Shared texts of docstrings."""

import importlib
import inspect
import pkgutil

import pytest

import cxresearch
from cxresearch.core.documented import SHARED, documented


def test_a_shared_text_takes_the_indent_of_its_line():
    @documented
    def mean(confidence):
        """Return a mean.

        Parameters
        ----------
        %(confidence)s
        """

    assert inspect.getdoc(mean) == (
        "Return a mean.\n\nParameters\n----------\n" + SHARED["confidence"]
    )


def test_a_text_that_is_not_shared_is_an_error():
    def mean():
        """Return a mean.

        %(no_such_text)s
        """

    with pytest.raises(KeyError, match="no_such_text"):
        documented(mean)


def test_a_function_without_docstring_stays_as_it_is():
    def mean():
        pass

    assert documented(mean).__doc__ is None


def test_no_docstring_of_the_package_is_left_unfilled():
    for module in pkgutil.walk_packages(cxresearch.__path__, "cxresearch."):
        if module.name.endswith(("__main__", "core.documented")):
            continue
        for name, thing in vars(importlib.import_module(module.name)).items():
            if getattr(thing, "__module__", None) == module.name:
                texts = [getattr(thing, "__doc__", None)]
                if inspect.isclass(thing):
                    texts += [getattr(part, "__doc__", None) for part in vars(thing).values()]
                for text in texts:
                    assert "%(" not in (text or ""), (module.name, name)
