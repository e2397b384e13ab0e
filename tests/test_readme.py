"""What README says of settings, commands and files is what the project has."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from avai.config import MEANINGS, ROOT, Settings

NUMBER = re.compile(r"[\d_]+(\.\d+)?$")


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_every_setting_stands_in_the_table_with_its_default(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(AVAI_\w+)` \| ([^|]*?) \|", text, re.MULTILINE))
    assert set(rows) == {f"AVAI_{field.name.upper()}" for field in fields(Settings)}
    for field in fields(Settings):
        if isinstance(field.default, int | float):
            assert float(rows[f"AVAI_{field.name.upper()}"].replace(",", "")) == field.default
        if name == "README.md":
            assert f"| {MEANINGS[field.name]} |" in text
    assert set(MEANINGS) == {field.name for field in fields(Settings)}


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh.md", "docs/architecture.md", "docs/trust.md", "docs/deploy.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{name} links to {target}"


def test_the_front_matter_is_what_a_hosted_space_needs() -> None:
    head = (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1]
    for key in (
        "title",
        "emoji",
        "colorFrom",
        "colorTo",
        "sdk: gradio",
        "app_file: app.py",
        "python_version",
        "license",
    ):
        assert key in head
    pinned = re.search(r"^gradio==(\S+)$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned
    assert f"sdk_version: {pinned[1]}" in head
