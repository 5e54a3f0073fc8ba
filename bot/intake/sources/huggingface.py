"""Hugging Face's list of models, or one model: each revision is an item. Pure.

https://huggingface.co/docs/hub/api
"""

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from bot.errors import ParseFailed
from bot.intake.sources.dates import moment
from bot.intake.sources.huggingface_memo import Shelf, Standing, read_shelf, standing, title_of, written
from bot.intake.sources.jsontext import Row, as_dict, as_list, each, load, refuse_error, required, text_of
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import MAX_TITLE, one_line, shorten, summary_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.HUGGINGFACE,)
PUBLISHER = "Hugging Face"
_SITE = "https://huggingface.co"
#: Tags that say nothing about what is new.
_DULL = (
    "region:",
    "license:",
    "arxiv:",
    "doi:",
    "base_model:",
    "endpoints_compatible",
    "autotrain_compatible",
)
_WEIGHTS = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".onnx")


def request(url: str) -> tuple[str, str]:
    """``https://huggingface.co/<org>`` becomes the list of its models, last changed first (so that a changed
    licence is seen as soon as a new model); ``…/<org>/<model>`` that model."""
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    if parts.hostname != "huggingface.co" or not names or names[0] in ("api", "blog", "papers", "datasets"):
        return url, "application/json"
    if len(names) == 1 or names[1] == "models":
        return (
            f"{_SITE}/api/models?author={quote(names[0])}&sort=lastModified&direction=-1&limit=50&full=true",
            "application/json",
        )
    return f"{_SITE}/api/models/{quote(names[0])}/{quote(names[1])}", "application/json"


def read(payload: Payload) -> Parsed:
    document = load(payload)
    refuse_error(document, "error")
    if isinstance(document, dict) and "id" not in document and "modelId" not in document:
        raise ParseFailed("JSON, but no list of models")
    rows = document if isinstance(document, list) else [document]
    problems = Problems()
    shelf, shown = read_shelf(payload.memo), dict[str, Standing]()
    found = collect(
        each(rows, lambda row: _item(row, payload.source.language, shelf, shown), problems), problems
    )
    return replace(found, memo=written(shelf, shown, now=payload.now))


def _item(row: Row, language: str, shelf: Shelf, shown: dict[str, Standing]) -> RawItem | None:
    if row.get("private") is True or row.get("disabled") is True:
        return None
    name = one_line(required(row, "id", "modelId"))
    created = moment(row.get("createdAt"))
    changed = moment(row.get("lastModified")) or created
    revision = text_of(row, "sha") or (changed.isoformat() if changed else "")
    licence, files = licence_of(row), _files(row)
    shown[name] = standing(revision, licence, files)
    return RawItem(
        external_id=f"{name}@{revision}" if revision else name,
        url=f"{_SITE}/{quote(name, safe='/')}",
        title=shorten(title_of(name, shown[name], files, created, shelf), MAX_TITLE),
        summary=summary_of(_facts(row, licence, files)),
        author=one_line(text_of(row, "author")) or name.partition("/")[0],
        publisher=PUBLISHER,
        published=changed,
        language=language or "en",
    )


def licence_of(row: Row) -> str:
    """The licence tag (``mit``), the name of a custom one, several joined; "" when none is stated."""
    card = as_dict(row.get("cardData"))
    said = [value for value in _texts(card.get("license")) if value != "other"]
    named = _texts(card.get("license_name"))
    tagged = [tag.removeprefix("license:") for tag in _texts(row.get("tags")) if tag.startswith("license:")]
    found = named + said if named else said or tagged
    return one_line(", ".join(dict.fromkeys(found)))[:100]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [entry for entry in as_list(value) if isinstance(entry, str)]


def _files(row: Row) -> list[str]:
    return [one_line(text_of(as_dict(each), "rfilename")) for each in as_list(row.get("siblings"))]


def _facts(row: Row, licence: str, files: list[str]) -> str:
    created, changed = moment(row.get("createdAt")), moment(row.get("lastModified"))
    weights = sum(1 for file in files if file.endswith(_WEIGHTS))
    tags = [tag for tag in _texts(row.get("tags")) if not tag.startswith(_DULL)]
    base = _texts(as_dict(row.get("cardData")).get("base_model"))
    facts = (
        f"License: {licence}" if licence else "No license tag",
        f"task: {text_of(row, 'pipeline_tag')}" if text_of(row, "pipeline_tag") else "",
        f"tags: {shorten(', '.join(tags[:12]), 300)}" if tags else "",
        f"files: {len(files)}, of which {weights} hold weights" if files else "",
        f"based on {', '.join(base[:3])}" if base else "",
        "access on request" if row.get("gated") else "",
        f"created {created:%Y-%m-%d}" if created else "",
        f"last changed {changed:%Y-%m-%d %H:%M} UTC" if changed else "",
    )
    return "Model repository. " + "; ".join(fact for fact in facts if fact) + "."
