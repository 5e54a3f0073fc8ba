"""How the whole text says that it was measured: MLPerf, which token rate, a rule with thresholds."""

import re
from dataclasses import dataclass

from bot.judgement.cues import pieces_of
from bot.judgement.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the whole text says of how was measured, for sentences that do not repeat it.

    ``rate``: which token rate it speaks of, "" when none or several."""

    mlperf: bool
    gemm: bool
    rate: str
    rule: bool  # a rule with thresholds, which are no ratings
    hbm: bool = False  # memory is said to be HBM


_RATES = (
    (re.compile(r"decod|解码"), "decode throughput"),
    (re.compile(r"prefill(?!\w* (?:is|still|was|remains|takes))|预填充"), "prefill throughput"),
    (re.compile(r"(?<![a-z])mfu(?![a-z])"), "training throughput"),
)
_RULE = re.compile(
    r"threshold|chips? (?:above|over|exceeding|beyond)\b|超过[^，。]{0,12}的芯片"
    r"|(?<![a-z])tpp(?![a-z])|performance density|eccn|3a090|4a090"
    r"|(?:limit(?:s|ed)?|cap(?:s|ped)?) (?:at|to|of)|门槛|阈值|限值|限制在"
)


_GEMM = re.compile(r"gemm|matmul|matrix multipl|矩阵乘")
_SETTING_SCREEN = Screen(
    [("mlperf",), *(pieces_of(pattern.pattern) for pattern in (*(rate for rate, _ in _RATES), _RULE, _GEMM))]
)
_NO_SETTING = Setting(mlperf=False, gemm=False, rate="", rule=False)
_ONLY_HBM = Setting(mlperf=False, gemm=False, rate="", rule=False, hbm=True)


def setting_of(text: str) -> Setting:
    if not _SETTING_SCREEN.any_possible(text):
        return _ONLY_HBM if "hbm" in text else _NO_SETTING
    rates = [metric for pattern, metric in _RATES if pattern.search(text)]
    return Setting(
        mlperf="mlperf" in text,
        gemm=_GEMM.search(text) is not None,
        rate=rates[0] if len(rates) == 1 else "",
        rule=_RULE.search(text) is not None,
        hbm="hbm" in text,
    )
