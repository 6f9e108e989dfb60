from __future__ import annotations

import pytest

from cxresearch import errors


def test_one_fault_is_one_fault():
    assert str(errors.SchemaError("orders", ["no header"])) == "orders has 1 fault:\n  no header"


def test_all_faults_are_told_and_kept():
    error = errors.ManifestError("study.yaml", iter(["a", "b"]))  # type: ignore[arg-type]
    assert str(error) == "study.yaml has 2 faults:\n  a\n  b"
    assert (error.what, error.faults) == ("study.yaml", ("a", "b"))


@pytest.mark.parametrize(
    "kind",
    [
        errors.ManifestError,
        errors.CodebookError,
        errors.SchemaError,
        errors.ParameterError,
        errors.WeightingError,
    ],
)
def test_errors_of_faults_are_caught_as_the_kits_own(kind: type[errors.FaultsError]):
    with pytest.raises(errors.CxError, match="x has 1 fault"):
        raise kind("x", ["y"])


def test_the_kits_errors_are_no_errors_of_the_caller():
    for kind in (errors.CxError, errors.ReconciliationError, errors.MissingTableError):
        assert not issubclass(kind, ValueError | TypeError)
