"""Figures found in text: shapes of sentences with the cause in their names, and what must not be taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.claims import extract_claims
from bot.model import Claim
from tests.paths import DATA


def a_claim(subject: str, metric: str, value: float, unit: str, **more: object) -> Claim:
    return Claim(subject=subject, metric=metric, value=value, unit=unit, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        pytest.param(
            "The Ascend 910C reaches 45% of B200 inference performance.",
            [a_claim("Ascend 910C", "inference performance", 45, "%", relative_to="B200")],
            id="share-of-another",
        ),
        pytest.param(
            "昇腾920推理性能约为H200的七成。",
            [a_claim("Ascend 920", "inference performance", 70, "%", relative_to="H200")],
            id="tenths-in-chinese",
        ),
        pytest.param(
            "Ascend 960 beats Nvidia H100 by 12%",
            [a_claim("Ascend 960", "performance", 12, "%", relative_to="H100")],
            id="beats-by",
        ),
        pytest.param(
            "Atlas 950 SuperPoD offers 6.7 times the compute of the NVL144.",
            [a_claim("Atlas 950 SuperPoD", "compute", 6.7, "x", relative_to="NVL144")],
            id="times-the-compute",
        ),
        pytest.param(
            "昇腾960性能较昇腾950翻倍。",
            [a_claim("Ascend 960", "performance", 2, "x", relative_to="Ascend 950")],
            id="doubled-in-chinese",
        ),
        pytest.param(
            "The B300 has 288 GB of HBM3e and 8 TB/s of memory bandwidth.",
            [a_claim("B300", "HBM capacity", 288, "GB"), a_claim("B300", "memory bandwidth", 8, "TB/s")],
            id="two-ratings-of-one-chip",
        ),
        pytest.param(
            "昇腾950DT互联带宽2TB/s，HBM容量144GB。",
            [
                a_claim("Ascend 950DT", "interconnect bandwidth", 2, "TB/s"),
                a_claim("Ascend 950DT", "HBM capacity", 144, "GB"),
            ],
            id="interconnect-is-not-memory",
        ),
        pytest.param(
            "Rated at 2 PFLOPS in FP8 and 4 PFLOPS in FP4, the Ascend 970 draws 1.2 kW.",
            [
                a_claim("Ascend 970", "compute", 2, "PFLOPS", precision="FP8"),
                a_claim("Ascend 970", "compute", 4, "PFLOPS", precision="FP4"),
                a_claim("Ascend 970", "power", 1.2, "kW"),
            ],
            id="each-figure-its-format",
        ),
        pytest.param(
            "On GPQA Diamond, GLM-5 gets 86.2 and Kimi K2.6 87.9.",
            [a_claim("GLM-5", "GPQA Diamond", 86.2, "points"), a_claim("Kimi K2.6", "GPQA Diamond", 87.9, "points")],
            id="one-benchmark-two-models",
        ),
        pytest.param(
            "DeepSeek V4 Flash在LiveCodeBench上取得91.6分。",
            [a_claim("DeepSeek V4 Flash", "LiveCodeBench", 91.6, "points")],
            id="score-in-chinese",
        ),
        pytest.param(
            "昇腾950单卡Decode吞吐达每秒1.2万token。",
            [a_claim("Ascend 950", "decode throughput", 12000, "tokens/s")],
            id="ten-thousands-are-converted",
        ),
    ],
)  # fmt: skip
def test_claims_are_found(text: str, claims: list[Claim]) -> None:
    assert list(extract_claims(text, "", "")) == claims


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Ascend 910C cards sell for 180,000 yuan, 20% below the H20.", id="price"),
        pytest.param("DeepSeek V4 has 1.6 trillion parameters and a 1M context.", id="size-and-context"),
        pytest.param("昇腾910C良率接近四成，为台积电的一半。", id="yield"),
        pytest.param("Chip Security Act passes House 371-38", id="votes"),
        pytest.param(
            "The 25% tariff covers H200 and MI308 parts from 14 January 2026.", id="tariff-and-date"
        ),
        pytest.param("H200 sales to China rose 40% to $2.1 billion.", id="sales"),
        pytest.param("Huawei plans 600,000 Ascend 910C units this year.", id="units"),
        pytest.param("Nvidia shares fell 3.1% to $187", id="shares"),
    ],
)
def test_what_is_no_claim_is_left_out(text: str) -> None:
    assert extract_claims(text, "", "") == ()


SHAPES = [
    line.split("\t")
    for line in (DATA / "stories" / "claims_shapes.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(
    ("text", "wanted"), [(row[0], row[1:]) for row in SHAPES], ids=[row[0][:48] for row in SHAPES]
)
def test_shapes_of_sentences(text: str, wanted: list[str]) -> None:
    title, _, summary = text.partition(" || ")
    found = {
        (claim.subject.casefold(), claim.metric.casefold(), claim.value, claim.unit)
        for claim in extract_claims(title, summary, "")
    }
    assert found == {
        (subject.casefold(), metric.casefold(), float(value), unit)
        for subject, metric, value, unit in (row.split(";")[:4] for row in wanted)
    }


@pytest.mark.parametrize(
    ("title", "summary", "claims"),
    [
        pytest.param(
            "Benchmark of Qwen3-235B: Ascend 910C vs H20",
            "910C reaches 1,943 tokens/s per card in decode, H20 1,580.",
            [
                a_claim("Ascend 910C", "decode throughput", 1943, "tokens/s"),
                a_claim("H20", "decode throughput", 1580, "tokens/s"),
            ],
            id="the-second-value-leaves-its-unit-out",
        ),
        pytest.param(
            "MLPerf v6.1: Ascend 950PR takes part",
            "Eight cards reach 31,420 tokens/s offline.",
            [a_claim("Ascend 950PR", "MLPerf offline throughput", 31420, "tokens/s")],
            id="mlperf-stands-in-the-title",
        ),
        pytest.param(
            "DeepSeek V4 Pro is second on the Artificial Analysis Intelligence Index",
            "V4 Pro scores 52, ten points above V3.2; V4 Flash scores 47.",
            [
                a_claim("DeepSeek V4 Pro", "Artificial Analysis Intelligence Index", 52, "points"),
                a_claim("DeepSeek V4 Flash", "Artificial Analysis Intelligence Index", 47, "points"),
            ],
            id="the-benchmark-stands-in-the-title",
        ),
        pytest.param(
            "Whatever happened to the Ascend 920?",
            "Once tipped as H20 replacement with 900 TFLOPS, it has vanished.",
            [a_claim("Ascend 920", "compute", 900, "TFLOPS")],
            id="what-it-was-to-replace-is-not-rated",
        ),
        pytest.param(
            "xDeepServe on CloudMatrix384",
            "We report 2,400 tokens/s per Ascend chip in decode.",
            [a_claim("Ascend 910C", "decode throughput", 2400, "tokens/s")],
            id="the-chip-of-the-system",
        ),
        pytest.param(
            "Jotunn8 measured",
            "It draws 600 to 700 W.",
            [a_claim("Jotunn8", "power", 600, "W", value_max=700)],
            id="a-range",
        ),
        pytest.param(
            "[Update: Fake] V4 scores 83.7% on SWE-bench", "The numbers were invented.", [], id="a-fake"
        ),
    ],
)
def test_title_and_summary_are_one_text(title: str, summary: str, claims: list[Claim]) -> None:
    assert list(extract_claims(title, summary, "en")) == claims


def test_a_summary_speaks_of_what_the_title_is_about() -> None:
    found = extract_claims("Huawei unveils Atlas 350", "It delivers 1.56 PFLOPS of FP4.", "en")
    assert found == (a_claim("Atlas 350", "compute", 1.56, "PFLOPS", precision="FP4"),)


def test_a_figure_told_twice_is_one_claim() -> None:
    text = "Ascend 950PR has 128 GB of HBM"
    assert len(extract_claims(text, f"{text}.", "en")) == 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_makes_it_fail(title: str, summary: str) -> None:
    for claim in extract_claims(title, summary, ""):
        assert claim.subject
        assert claim.unit


#: What the patterns look for, to be thrown together in every order.
_PIECES = (
    "V4-Pro",
    "H20",
    "的",
    "2.87",
    "倍",
    "60%",
    "of",
    "H100",
    "比",
    "GPQA",
    "83.7",
    "低于",
    "TFLOPS",
    "half",
    "，",
    "(",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_no_order_of_its_own_words_makes_it_fail(words: list[str]) -> None:
    extract_claims(" ".join(words), "".join(words), "zh")


def test_the_sample_of_the_corpus() -> None:
    wanted: set[tuple[str, ...]] = set()
    found: set[tuple[str, ...]] = set()
    for line in (DATA / "stories" / "claims.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for claim in row["gold"]["claims"]:
            wanted.add((row["id"], claim["subject"], claim["metric"], f"{claim['value']:g}", claim["unit"]))
        for one in extract_claims(row["text"], "", row["language"]):
            found.add((row["id"], one.subject, one.metric, f"{one.value:g}", one.unit))
    assert len(found & wanted) / len(found) >= 0.95
    assert len(found & wanted) / len(wanted) >= 0.85
