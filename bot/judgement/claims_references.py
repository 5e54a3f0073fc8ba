"""Published figures of known accelerators, for showing what is claimed beside what is documented."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from bot.model import Claim, Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A figure with the document that states it; ``grade``: what kind of proof the document is."""

    claim: Claim
    document: str
    link: str
    grade: Grade


@lru_cache(maxsize=1)
def references() -> tuple[Reference, ...]:
    text = resources.files("bot.judgement").joinpath("claims_references.toml").read_text("utf-8")
    return tuple(
        Reference(
            claim=Claim(
                subject=part["subject"],
                metric=figure["metric"],
                value=float(figure["value"]),
                unit=figure["unit"],
                precision=figure.get("precision"),
            ),
            document=part["document"],
            link=part["link"],
            grade=Grade(part.get("grade", Grade.OFFICIAL)),
        )
        for part in tomllib.loads(text)["part"]
        for figure in part["figures"]
    )
