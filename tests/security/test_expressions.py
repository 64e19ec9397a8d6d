"""Expressions reach nothing but the values they are given, and end soon whatever they are given."""

from pathlib import Path
from typing import Any

import pytest

from mappings.errors import ExpressionError
from mappings.expressions import Expression
from tests.mappings.workspaces import MAPPING, findings_of, workspace

NAMES = frozenset({"value", "record"})
LONG = "x" * 60_000
REACHING = [
    '__import__("os").system("id")', "os.environ", "value.__class__.mro()", 'open("/etc/passwd")', 'eval("1")',
    'getattr(value, "upper")', "value.__init__.__globals__", "globals()", "self", "cel.env", "lambda: 1",
    'env("HOME")', 'getenv("HOME")', 'value.format(["x"])', "type(value).__subclasses__()", "exec(value)",
]  # fmt: skip
HIDDEN_CHAINS = {
    "behind a comment": "// '''\n[value]{chain}// '''",
    "behind a comment that is a call": "[value].// .map(\nmap(value, value + value){chain}",
    "behind a raw text": 'r"\\" + string(size([value]{chain})) + ""',
    "behind a raw text of many lines": 'r"""\\""" + string(size([value]{chain})) + ""',
    "behind an escaped quote": '"""\\""" " \' """ + string(size([value]{chain})) + \'\'',
}
COSTLY: dict[str, tuple[str, Any]] = {
    "lists that grow and nest": ("(value + value).map(a, (value + value).map(b, value.map(c, a)))", ["x"] * 50),
    "many long texts": ("value.map(a, record.d + record.d)", ["x"] * 1_000),
    "copies of a long text": ("value.map(a, [record.d, record.d, record.d, record.d, record.d])", ["x"] * 1_000),
    "one very long text": ("value" + " + value" * 200, LONG),
    "a long result": ("value + value", LONG),
    "nesting over data": ("value.map(a, value.map(b, a))", ["x"] * 900),
}


@pytest.mark.parametrize("source", REACHING)
def test_host_is_out_of_reach(source: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(source, NAMES).evaluate({"value": "x", "record": {}})


@pytest.mark.parametrize("name", ["__class__", "__dict__", "_private", "mro", "upper"])
def test_values_have_no_attributes(name: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(f"value.{name}", NAMES).evaluate({"value": "x", "record": {}})
    assert Expression(f"value.{name}", NAMES).evaluate({"value": {name: "data"}, "record": {}}) == "data"


@pytest.mark.parametrize("source", HIDDEN_CHAINS.values(), ids=HIDDEN_CHAINS)
def test_hidden_chain_is_counted(source: str) -> None:
    with pytest.raises(ExpressionError, match="comprehensions; at most 3"):
        Expression(source.replace("{chain}", ".map(value, value + value)" * 20), NAMES)


@pytest.mark.parametrize(("source", "value"), COSTLY.values(), ids=COSTLY)
def test_costly_evaluation_is_refused(source: str, value: Any) -> None:
    with pytest.raises(ExpressionError, match="too many steps|too much memory|at most 65536"):
        Expression(source, NAMES).evaluate({"value": value, "record": {"d": LONG}})


@pytest.mark.parametrize("source", ["(" * 990, "[" * 990 + "]" * 990, "true?1.0:" * 220 + "1.0", "{1:" * 400 + "1"])
def test_deep_nesting_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be read"):
        Expression(source, NAMES)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){25}$", "^([a-zA-Z]+)*$"])
def test_evil_pattern_ends(pattern: str) -> None:
    source = f"value.matches('{pattern}')"
    assert Expression(source, NAMES).evaluate({"value": "a" * 20_000 + "!", "record": {}}) is False


def test_huge_pattern_is_refused() -> None:
    with pytest.raises(ExpressionError, match="not a valid regex"):
        Expression('value.matches("((a{100}){100}){100}")', NAMES).evaluate({"value": "a", "record": {}})


def test_common_expressions_stay_cheap() -> None:
    source = 'value.filter(l, l != "x" && l != "y").map(l, "team-" + l)'
    result = Expression(source, NAMES).evaluate({"value": ["a"] * 1_000, "record": {"d": "x" * 32_000}})
    assert result == ["team-a"] * 1_000


def test_check_names_the_expression(tmp_path: Path) -> None:
    hostile = MAPPING.replace("{eng: summary,", """{eng: {field: summary, get: '__import__("os")'},""")
    (finding,) = [found for found in findings_of(workspace({"mappings/a.yaml": hostile})) if found.code == "M208"]
    assert (finding.line, finding.severity) == (7, "error")
    assert "'__import__', which is not a function" in finding.message
