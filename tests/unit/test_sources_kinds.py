"""Kinds are found by their files, and the one that docs/sources.md shows works as it stands there."""

import json
import re
import textwrap
from pathlib import Path

import pytest

from bot.catalog.loader import load_catalog
from bot.errors import ParseFailed
from bot.intake import sources
from bot.intake.fetch import Fetched
from bot.intake.sources import registry
from bot.model import SourceKind
from tests.paths import ROOT
from tests.unit.reading import NOW, a_source

EXAMPLES = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "docs" / "sources.md").read_text(), re.DOTALL)
INCIDENTS = {
    "incidents": [
        {
            "id": "p31zjtct2jer", "name": "API  errors", "shortlink": "https://stspg.example/p31z",
            "status": "resolved", "created_at": "2026-11-24T10:00:00.000Z",
            "incident_updates": [{"body": "Resolved."}, {"body": "We are <b>looking</b> into it."}],
        },
        {"id": "without-a-name"},
    ]
}  # fmt: skip


@pytest.mark.parametrize("kind", list(SourceKind))
def test_every_kind_of_the_catalog_has_its_adapter(kind: SourceKind) -> None:
    assert kind in registry.adapter(kind).KINDS
    assert registry.request_for(a_source(kind, url="https://x.example/a"))[0].startswith("https://")


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> registry.Adapter:
    """The adapter of the document, saved as one more file of the package."""
    (code,) = (code for language, code in EXAMPLES if language == "python")
    (tmp_path / "statuspage.py").write_text(textwrap.dedent(code))
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "_adapters", registry._adapters.__wrapped__)
    return registry.adapter("statuspage")  # type: ignore[arg-type]  # in earnest its word is in SourceKind


def read(example: registry.Adapter, body: str) -> registry.Parsed:
    fetched = Fetched(status=200, url="https://status.example/api/v2/incidents.json", body=body.encode())
    return registry.parse("statuspage", fetched, source=a_source(), now=NOW)  # type: ignore[arg-type]


def test_the_documents_example_is_an_adapter(example: registry.Adapter) -> None:
    assert example.request("https://status.example/")[0] == "https://status.example/api/v2/incidents.json"
    found = read(example, json.dumps(INCIDENTS))
    (item,) = found.items
    assert (item.title, item.url) == ("API errors", "https://stspg.example/p31z")
    assert item.summary == "Resolved. We are looking into it."
    assert found.problems == ("entry 2 cannot be read: no 'name'",)
    with pytest.raises(ParseFailed):
        read(example, "[]")


def test_the_documents_catalog_example_loads(tmp_path: Path) -> None:
    (example,) = (text for language, text in EXAMPLES if language == "toml" and "statuspage" in text)
    file = tmp_path / "catalog.toml"
    file.write_text(example.replace('"statuspage"', '"page"'))
    assert load_catalog(file).sources[0].id == "deepseek-status"
