"""What a comparison is of, by the words of its clause: "1.4x the H20 in prefill", 训练性能为A100的八成. Pure, over
sentences whose names are masked (``claims_relations``)."""

import re

from bot.judgement.claims_numbers import PRECISION, precision_near

_CUT_AFTER = re.compile(r"[,，;；。:：]|\band\b|\bbut\b| at (?=\d)")
_CUT = re.compile(r"[,，;；。:：]|\band\b|\bbut\b")


def clause_of(masked: str, match: re.Match[str], *, before: int, after: int) -> str:
    """The match with the words around it that belong to its clause."""
    left = _CUT.split(masked[max(0, match.start() - before) : match.start()])[-1]
    return left + match[0] + _CUT_AFTER.split(masked[match.end() : match.end() + after])[0]


#: What a comparison is of, by the words of its clause, in order.
_METRICS = tuple(
    (re.compile(pattern), metric)
    for pattern, metric in (
        (r"(?<!throughput )(?<!tokens )per watt", "performance per watt"),
        (r"per watt|(?:energy|power)[- ]efficien|能效|每瓦", "energy efficiency"),
        (r"output tokens", "output tokens"),
        (r"gemm", "GEMM throughput"),
        (r"\b(?:in|on) stream\b", "STREAM"),
        (r"\bhpl\b(?! efficiency)|linpack", "HPL"),
        (r"\bhpcg\b", "HPCG"),
        (r"first[- ]token|\bttft\b|首\s?(?:token|词元|字)", "TTFT"),
        (r"\btpot\b|per output token", "TPOT"),
        (r"解码|decode", "decode throughput"),
        (r"training throughput|训练吞吐", "training throughput"),
        (r"prefill|预填充", "prefill throughput"),
        (r"per-token flops|flops per token|单token", "per-token FLOPs"),
        (r"kv cache|kv缓存", "KV cache"),
        (
            r"training (?:performance|speed|throughput|of)|(?:for|in|at) (?:[\w-]+ ){0,2}(?:pre-?)?training"
            r"|\btrains\b|训练性能"
            r"|训练(?=则|方面|上|不到|约|为)",
            "training performance",
        ),
        (r"inference throughput|推理吞吐", "inference throughput"),
        (
            r"inference performance|inference (?:is|of|speed|runs)|speed (?:at|in) inference|\bat inference"
            r"|run(?:s|ning)? inference"
            r"|推論|(?:in|for) (?:[\w.]+ ){0,3}inference"
            r"|推理|carrier test",
            "inference performance",
        ),
        (r"\blatency\b|时延|延迟", "latency"),
        (r"power per token", "power per token"),
        (r"互联|互连|interconnect|nvlink", "interconnect bandwidth"),
        (r"带宽|bandwidth", "memory bandwidth"),
        (r"跑\x00\d+\x00比", "inference performance"),
        (r"the power of|功耗|power draw|(?:more|less|times the) (?:power|energy)\b(?! efficien)", "power"),
        (r"the (?:dense )?(?:(?:nv)?fp\d+|bf16|int8) of|comput(?:e|ing)|算力|flops|rate\b", "compute"),
        (r"memory|显存|内存", "HBM capacity"),
        (
            r"throughput|吞吐|images (?:per second|/s)|tokens (?:per second|/s)|\bdebit\b|\bserve[sd]?\b",
            "throughput",
        ),
    )
)


#: "In training, the MTT S5000 gets to 70% of": what the whole sentence is of.
_HEAD = re.compile(r"\s*(?:in|for|at) (?:\w+ )?(training|inference|decode|decoding|prefill),")
_HEADS = {
    "training": "training performance",
    "inference": "inference performance",
    "prefill": "prefill throughput",
}


def metric_of(masked: str, match: re.Match[str], *, of_model: bool) -> str:
    near = masked[max(0, match.start() - 40) : match.end() + 40]
    left, told, right = clause_of(masked, match, before=56, after=36).partition(match[0])
    inside = left + told + right.partition("、")[0]  # what is listed next is another's affair
    for pattern, metric in _METRICS:
        if pattern.search(inside) or (metric == "inference performance" and pattern.search(near)):
            return "per-token FLOPs" if metric == "compute" and of_model and "flops" in inside else metric
    if head := _HEAD.match(masked):
        return _HEADS.get(head[1], "decode throughput")
    return "compute" if "flops" in masked[: match.start()] and "the \x00" in match[0] else "performance"


def precision_of(masked: str, match: re.Match[str]) -> str | None:
    found = PRECISION.search(match[0])
    if found and found[1]:
        return found[1].upper()
    return precision_near(masked, match.start(), match.end())
