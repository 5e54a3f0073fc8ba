"""What the whole of a text is about, for sentences that do not repeat it. Pure."""

import re
from collections.abc import Sequence

from bot.judgement.claims_context import About
from bot.judgement.claims_names import Name
from bot.judgement.claims_roles import is_other, is_part
from bot.judgement.claims_setting import setting_of

#: What chips are built to; a text that names one of them in full means that by "单芯片版Blackwell", too.
_FAMILIES = {"Blackwell": r"B\d|GB\d|RTX", "Hopper": r"H\d|GH\d", "Rubin": r"VR\d|R\d|Vera"}


_METR = re.compile(r"(?<![a-z])metr(?![a-z])")


def without_families(names: list[Name], text: str) -> list[Name]:
    """The names without those that only say how a chip of the text is built."""
    chips = [name.text for name in names if name.kind == "chip"]
    meant = {
        family
        for family, built in _FAMILIES.items()
        if family in chips and any(re.match(built, chip) for chip in chips)
    }
    if not meant:
        return names
    return [name for name in names if name.text not in meant or is_other(name, text)]


def about_of(names: Sequence[Name], text: str) -> About:
    main = _main(names, text)
    return About(
        main=main,
        benchmark=_main_benchmark(names),
        setting=setting_of(text),
        model=_first("model", names, main),
        chip=_first(
            "chip", [name for name in names if name.kind == "chip" and not is_other(name, text)], main
        ),
        workload=next((name.text for name in names if name.kind == "workload"), ""),
        row=tuple(dict.fromkeys(name.text for name in names if name.kind in ("chip", "model"))),
        host=_first("host", names, ""),
        metr="metr" in text and _METR.search(text) is not None,
        geekbench="geekbench" in text,
        ascend="昇腾" in text or "ascend" in text,
    )


def _main(names: Sequence[Name], text: str) -> str:
    """What the text is about: the first name that is neither a part of another thing nor what is compared with."""
    subjects = [name for name in names if name.kind in ("chip", "model")]
    own = [name for name in subjects if not is_part(name, text) and not is_other(name, text)]
    if not own:
        # What other things are only compared with is not what the text is about.
        return next((name.text for name in subjects if not is_other(name, text)), "")
    first = own[0]
    # A text that names a model and then its variants gives the figures of the first variant.
    variants = [name.text for name in own if name.text.startswith(f"{first.text} ")]
    return variants[0] if first.kind == "model" and variants else first.text


def _first(kind: str, names: Sequence[Name], main: str) -> str:
    """The name of one kind that the text is about: its main one, or the first."""
    found = [name.text for name in names if name.kind == kind]
    return main if main in found else next(iter(found), "")


def _main_benchmark(names: Sequence[Name]) -> Name | None:
    """The one benchmark that the text is about, where it names no second."""
    found = {name.text: name for name in names if name.kind == "benchmark"}
    return next(iter(found.values())) if len(found) == 1 else None
