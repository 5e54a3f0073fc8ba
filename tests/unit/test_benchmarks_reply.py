"""What /benchmarks and /licences say: one row a figure, contradictions marked, weak proof visibly so."""

from datetime import date, timedelta

import pytest

from bot.judgement.claims_compare import contradicts
from bot.judgement.claims_references import references
from bot.judgement.licences import LicenceEvent, LicenceKind
from bot.model import Claim, Grade, StoryId
from handlers.benchmarks import benchmarks, licences
from storage.claims import Told, ToldClaim, ToldLicence
from tests.builders import NOW


def a_claim(value: float, unit: str = "PFLOPS", **more: object) -> Claim:
    fields = {"subject": "Ascend 950PR", "metric": "compute", "precision": "FP8", **more}
    return Claim(value=value, unit=unit, **fields)  # type: ignore[arg-type]


def a_teller(publisher: str = "Reuters", grade: Grade = Grade.REPORT, cites: str = "", age: int = 0) -> Told:
    return Told(
        story=StoryId(7), publisher=publisher, cites=cites, grade=grade, url=f"https://{publisher}.example/",
        at=NOW - timedelta(days=age),
    )  # fmt: skip


def told(claim: Claim, *by: object, **more: object) -> ToldClaim:
    return ToldClaim(claim=claim, told=a_teller(*by, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        pytest.param(a_claim(1), a_claim(1000, "TFLOPS"), False, id="other-unit"),
        pytest.param(a_claim(1), a_claim(1.02), False, id="rounded"),
        pytest.param(a_claim(1), a_claim(0.8), True, id="apart"),
        pytest.param(a_claim(1), a_claim(2, precision="FP4"), False, id="other-format"),
        pytest.param(a_claim(1), a_claim(2, precision=None), False, id="format-not-said"),
        pytest.param(a_claim(80, "%"), a_claim(50, "x"), False, id="other-kind-of-unit"),
        pytest.param(a_claim(85, "%", value_max=95), a_claim(90, "%"), False, id="inside-the-range"),
        pytest.param(a_claim(85, "%", value_max=95), a_claim(60, "%"), True, id="outside-the-range"),
        pytest.param(
            a_claim(60, "%", relative_to="H100"), a_claim(90, "%", relative_to="A100"), False, id="other-rival"
        ),
    ],
)  # fmt: skip
def test_what_contradicts(one: Claim, other: Claim, apart: bool) -> None:
    assert contradicts(one, other) is apart
    assert contradicts(other, one) is apart


def test_one_figure_told_by_many_is_one_row_with_the_best_proof() -> None:
    rows = [told(a_claim(1)), told(a_claim(1000, "TFLOPS"), "Huawei", Grade.OFFICIAL)]
    reply = benchmarks("Ascend 950PR", rows, ())
    assert reply.text == "1 figure from 2 publishers."
    entry = reply.entries[0]
    assert entry.title == "compute FP8 · Ascend 950PR: 1,000 TFLOPS" or entry.title.endswith("1 PFLOPS")
    assert entry.url == "https://Huawei.example/"
    assert entry.facts[:2] == ("Huawei and 1 more", "official")


def test_weak_proof_is_visibly_so() -> None:
    (entry,) = benchmarks("x", [told(a_claim(1), "a forum", Grade.RUMOUR)], ()).entries
    assert entry.facts == ("a forum", "weak: rumour", "24 Nov 2026", "#7", "")


def test_contradictions_of_independent_publishers_are_marked_on_both() -> None:
    reply = benchmarks("", [told(a_claim(1)), told(a_claim(0.5), "Caixin")], ())
    assert [entry.facts[4] for entry in reply.entries] == ["≠ 0.5 PFLOPS (Caixin)", "≠ 1 PFLOPS (Reuters)"]
    assert "2 contradict each other" in reply.text


def test_a_publisher_and_who_only_relays_it_do_not_contradict_each_other() -> None:
    rows = [told(a_claim(1)), told(a_claim(0.5), "Caixin", cites="Reuters"), told(a_claim(2))]
    assert all(not entry.facts[4] for entry in benchmarks("", rows, ()).entries)


def test_documented_figures_stand_beside_the_same_metric() -> None:
    reply = benchmarks("Ascend 950PR", [told(a_claim(1))], references())
    beside = [entry for entry in reply.entries if "for comparison" in entry.facts]
    assert {entry.title.split(" · ")[0] for entry in beside} == {"compute FP8"}
    assert any("H100: 1,979 TFLOPS" in entry.title for entry in beside)
    assert all(entry.url.startswith("https://") for entry in beside)


def test_a_known_part_is_shown_though_nobody_claims_anything_of_it() -> None:
    assert len(benchmarks("H20", [], references()).entries) == 5
    assert benchmarks("Ascend 999", [], references()).text == "No figure of Ascend 999 was read yet."


def test_an_answer_is_bounded() -> None:
    rows = [told(a_claim(number)) for number in range(1, 200)]
    reply = benchmarks("", rows, references())
    assert len(reply.entries) == 40
    assert "Shown: 40 rows" in reply.text


def test_what_was_read_goes_before_what_stands_beside_it() -> None:
    rows = [told(a_claim(number, subject=f"Ascend {number}")) for number in range(900, 938)]
    reply = benchmarks("", rows, references())
    beside = [entry for entry in reply.entries if "for comparison" in entry.facts]
    assert (len(reply.entries), len(beside)) == (40, 2)


def test_licence_events_are_one_row_each_the_best_proof_told() -> None:
    rule = LicenceEvent(
        kind=LicenceKind.EXPORT_RULE, subject="AI chip rule", document="Final rule", agency="BIS",
        docket="261112-0207", effective=date(2027, 1, 19),
    )  # fmt: skip
    change = LicenceEvent(kind=LicenceKind.MODEL, subject="org/m", before="mit", after="")
    reply = licences(
        "",
        [
            ToldLicence(event=rule, told=a_teller()),
            ToldLicence(event=rule, told=a_teller("Federal Register", Grade.FILING)),
            ToldLicence(event=change, told=a_teller("Hugging Face", Grade.PRIMARY_DATA)),
        ],
    )
    assert [entry.title for entry in reply.entries] == ["AI chip rule", "org/m: mit → no licence"]
    assert reply.entries[0].facts == (
        "Final rule", "BIS", "docket 261112-0207", "effective 19 Jan 2027", "Federal Register and 1 more", "filing",
        "24 Nov 2026", "#7",
    )  # fmt: skip


def test_every_reference_names_its_document() -> None:
    for reference in references():
        assert reference.document
        assert reference.link.startswith("https://")
        assert reference.claim.value > 0
