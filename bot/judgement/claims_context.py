"""What a text is about, as far as its sentences do not repeat it."""

from dataclasses import dataclass

from bot.judgement.claims_names import Name
from bot.judgement.claims_setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the whole text is about, for sentences that do not repeat it. ``main``: a name, or ""."""

    main: str
    benchmark: Name | None
    setting: Setting
    model: str = ""  # the main model, or the first that is named
    chip: str = ""  # the same of chips and systems
    workload: str = ""  # the first benchmark network of MLPerf that is named
    benchmark_later: bool = False  # ``benchmark`` is named only after the sentence
    host: str = ""  # the computer at somebody's home on which the model runs
    ascend: bool = False  # Huawei's chips are spoken of, whether or not by a number
    row: tuple[str, ...] = ()  # all chips and models, in the order of the text
    metr: bool = False  # METR is spoken of, which estimates how long models work alone
    geekbench: bool = False  # Geekbench is named
    same_benchmark: bool = False  # the sentence surely goes on about ``benchmark``
