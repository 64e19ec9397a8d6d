"""Files are data: nothing is built from them, nothing in them blows up, and a bad one is a finding, never a crash."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.mappings.workspaces import MAPPING, findings_of, workspace
from workers.workspace import WorkspaceFolder

LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in pairwise("abcdefghijk"))
BAD = {
    "object": ("description: !!python/object/apply:os.system [touch /tmp/x]\n", "M106"),
    "name": ("description: !!python/name:os.system\n", "M106"),
    "own tag": ("description: !secret x\n", "M106"),
    "binary": ("description: !!binary aGk=\n", "M106"),
    "merge key": ("tests:\n- &t {name: a}\n- {<<: *t}\n", "M106"),
    "key twice": ("name: other\n", "M105"),
    "billion laughs": (LAUGHS, "M107"),
    "alias in itself": ("a: &a [*a]\n", "M104"),
    "deep": ("a: " + "[" * 100_000, "M107"),
    "long number": ("match: " + "9" * 400_000 + "\n", "M106"),
    "long hexadecimal": ("match: 0x" + "f" * 400_000 + "\n", "M106"),
    "long octal": ("match: 0o" + "7" * 400_000 + "\n", "M106"),
    "infinite": ("match: 1e999999999\n", "M113"),
    "key of a list": ("? [a, b]\n: c\n", "M104"),
    "second document": ("---\na: b\n", "M104"),
    "too large": ("description: " + "x" * 1_000_000 + "\n", "M102"),
}


@pytest.mark.parametrize(("text", "code"), BAD.values(), ids=BAD)
def test_bad_yaml_is_found(text: str, code: str) -> None:
    findings = findings_of(workspace({"mappings/bad.yaml": MAPPING + text}))
    assert code in {finding.code for finding in findings}
    assert max(len(str(finding)) for finding in findings) < 300


def test_redefined_tag_builds_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "built"
    text = f"%TAG ! tag:yaml.org,2002:python/\n---\na: !object/apply:os.mkdir ['{mark}']\n"
    assert [finding.code for finding in findings_of(workspace({"mappings/bad.yaml": text}))] == ["M106"]
    assert not mark.exists()


@pytest.mark.parametrize("text", [text for text, _ in BAD.values()], ids=BAD)
def test_service_survives_bad_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "good.yaml").write_text(MAPPING)
    (tmp_path / "mappings" / "bad.yaml").write_text(MAPPING.replace("launch", "bad") + text)
    (tmp_path / "connections.yaml").write_text("connections: {eng-jira: {system: jira}, mkt-asana: {system: asana}}")
    assert list(WorkspaceFolder(tmp_path, {}).current().mappings) == ["launch"]
