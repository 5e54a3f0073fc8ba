"""The result of one check of ``tipoff doctor``."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``advice`` says what to do when ``state`` is not ok."""

    name: str
    state: Literal["ok", "failed", "warning", "off"]
    text: str
    advice: str = ""
