"""Built-in rules as Sigma, read by the reference implementation."""

# pySigma brings no stubs.
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import subprocess
import sys

import pytest
import t1053

pytest.importorskip("sigma.collection")
from sigma.backends.elasticsearch import LuceneBackend
from sigma.backends.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule
from sigma.validation import SigmaValidator
from sigma.validators.core import validators

OF_STYLE = (
    # Published descriptions, and rules of one program of Windows.
    "description_length",
    "filename_length",
    "custom_attributes",
    "namespace_tag",
    # These fetch what they compare with.
    "attacktag",
    "d3_fendtag",
)
"""Validators that are not asked."""


def collection() -> SigmaCollection:
    return SigmaCollection.from_yaml(t1053.Detector().to_sigma())


def test_all_rules_are_read_and_valid() -> None:
    rules = collection()
    assert len(rules.rules) > 40
    assert not rules.errors
    chosen = {it for name, it in validators.items() if name not in OF_STYLE}
    single = (it for it in rules.rules if isinstance(it, SigmaRule))
    issues = SigmaValidator(chosen).validate_rules(single)
    bad = [it for it in issues if it.severity.name == "HIGH"]
    assert not bad, "\n".join(str(it) for it in bad)


@pytest.mark.parametrize("backend", [SplunkBackend, LuceneBackend])
def test_single_rules_become_queries(backend: type) -> None:
    rules = [it for it in collection().rules if isinstance(it, SigmaRule)]
    # Those of several events are parts of a correlation.
    rules = [it for it in rules if "_step_" not in (it.name or "")]
    queries = backend().convert(SigmaCollection(list(rules)))
    assert len(queries) == len(rules)
    assert all(queries)


def test_command_line_writes_what_can_be_said() -> None:
    command = [sys.executable, "-m", "t1053", "detections", "--format", "sigma"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert SigmaCollection.from_yaml(done.stdout).rules
    assert "is left out: only this library tells the field" in done.stderr
