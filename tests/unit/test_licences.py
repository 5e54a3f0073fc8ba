"""Licence events: the shapes in which sources and the press tell them, and what is none."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.licences import LicenceEvent, LicenceKind, licence_events
from tests.builders import NOW, an_item


def a_change(subject: str, before: str, after: str) -> LicenceEvent:
    return LicenceEvent(kind=LicenceKind.MODEL, subject=subject, before=before, after=after)


@pytest.mark.parametrize(
    ("title", "summary", "event"),
    [
        pytest.param(
            "deepseek-ai/DeepSeek-V4: license mit -> deepseek; new files: LICENSE",
            "Model repository. License: deepseek.",
            a_change("deepseek-ai/DeepSeek-V4", "mit", "deepseek"),
            id="tag",
        ),
        pytest.param(
            "org/m: license none -> apache-2.0", "", a_change("org/m", "", "apache-2.0"), id="first-tag"
        ),
        pytest.param("org/m: license mit -> none", "", a_change("org/m", "mit", ""), id="tag-removed"),
        pytest.param(
            "Moonshot changes its terms",
            "The license of Kimi K2.6 goes from modified MIT to Apache 2.0.",
            a_change("Kimi K2.6", "modified MIT", "Apache 2.0"),
            id="told-in-words",
        ),
        pytest.param(
            "DeepSeek V4许可证由MIT改为Apache 2.0",
            "",
            a_change("DeepSeek V4", "MIT", "Apache 2.0"),
            id="in-chinese",
        ),
        pytest.param(
            "MiniMaxAI/MiniMax-M2.7: license changed from modified-mit to other (non-commercial)", "",
            a_change("MiniMaxAI/MiniMax-M2.7", "modified-mit", "other"), id="changed-from-to",
        ),
        pytest.param(
            "org/m: README.md metadata, license: other", "license tag mit -> other; LICENSE file unchanged.",
            a_change("org/m", "mit", "other"), id="tag-in-the-summary",
        ),
        pytest.param(
            "Google announces Gemma 4, switches to Apache 2.0 license", "", a_change("Gemma 4", "?", "Apache 2.0"),
            id="only-the-new-one",
        ),
        pytest.param(
            "Gemma 4: open models, now under Apache 2.0", "", a_change("Gemma 4", "?", "Apache 2.0"), id="now-under"
        ),
        pytest.param("Gemma 4: Google wechselt zur Apache-Lizenz", "", a_change("Gemma 4", "?", "Apache"), id="german"),
        pytest.param("腾讯混元改用Apache 2.0", "", a_change("Hunyuan", "?", "Apache 2.0"), id="family-in-chinese"),
    ],
)  # fmt: skip
def test_model_licences(title: str, summary: str, event: LicenceEvent) -> None:
    assert licence_events(an_item(title=title, summary=summary, publisher="Somebody")) == (event,)


def test_a_document_of_the_federal_register() -> None:
    item = an_item(
        title="Revisions to License Review Policy for Advanced Computing Commodities",
        summary="Rule. Final rule. BIS amends the Export Administration Regulations. Effective 2027-01-19. "
        "Docket 261112-0207. Document 2026-24001",
        author="Commerce Department, Industry and Security Bureau",
        publisher="Federal Register",
    )
    assert licence_events(item) == (
        LicenceEvent(
            kind=LicenceKind.EXPORT_RULE,
            subject=item.title,
            document="Rule",
            agency="Commerce Department, Industry and Security Bureau",
            docket="261112-0207",
            effective=date(2027, 1, 19),
        ),
    )


@pytest.mark.parametrize(
    ("title", "summary", "docket", "effective"),
    [
        pytest.param(
            "BIS final rule on AI chip exports", "It takes effect January 19, 2027 (Docket No. 261112-0207).",
            "261112-0207", date(2027, 1, 19), id="press",
        ),
        pytest.param("BIS rule on export licences", "Docket: BIS-2026-0041", "BIS-2026-0041", None, id="docket-only"),
        pytest.param("商务部公告：出口管制新规", "自2026年12月1日起正式施行。", "", date(2026, 12, 1), id="chinese"),
        pytest.param(
            "Framework for Data Center Exports; Proposed Rule", "Docket No. 260730-0131, RIN 0694-AK60.", "260730-0131",
            None, id="known-by-its-register-number",
        ),
        pytest.param("美国敲定芯片出口规则", "明年1月19日生效", "", date(NOW.year + 1, 1, 19), id="next-year"),
        pytest.param("New export control rule", "In force from 3 March 2027.", "", date(2027, 3, 3), id="day-first"),
        pytest.param(
            "Export control rule", "Effective February 31, 2027. Docket 1234-56789", "1234-56789", None, id="no-day"
        ),
    ],
)  # fmt: skip
def test_export_rules(title: str, summary: str, docket: str, effective: date | None) -> None:
    (event,) = licence_events(an_item(title=title, summary=summary))
    assert (event.kind, event.docket, event.effective) == (LicenceKind.EXPORT_RULE, docket, effective)


@pytest.mark.parametrize(
    ("title", "summary", "publisher"),
    [
        pytest.param("New model org/m", "Model repository. License: mit.", "Hugging Face", id="merely-has-one"),
        pytest.param("DeepSeek V4 is out under MIT", "Weights are free.", "Reuters", id="released-under"),
        pytest.param(
            "Sardine quota from 1 to 2", "Rule. Effective 2027-01-19. Docket 1234-5678", "Federal Register", id="fish"
        ),
        pytest.param("Price of V4 moves from MIT to Harvard", "", "Reuters", id="no-licence-in-it"),
        pytest.param("V4 is now under attack, says DeepSeek", "Its licence is MIT.", "Reuters", id="now-under-what"),
        pytest.param("商务部新闻发言人就出口管制清单答记者问", "", "商务部", id="an-answer-is-no-rule"),
        pytest.param("Tag was changed by a script", "org/m: the license is and stays MIT.", "Hugging Face", id="stays"),
        pytest.param("US weighs export rules", "Nothing is decided.", "Reuters", id="no-docket-no-date"),
    ],
)  # fmt: skip
def test_what_is_no_event(title: str, summary: str, publisher: str) -> None:
    assert licence_events(an_item(title=title, summary=summary, publisher=publisher)) == ()


def test_what_the_acting_agency_publishes_needs_no_docket() -> None:
    item = an_item(
        title="Department of Commerce Revises License Review Policy for Chip Exports",
        summary="Case by case from now on.",
        publisher="Bureau of Industry and Security",
    )
    (event,) = licence_events(item)
    assert (event.kind, event.agency) == (LicenceKind.EXPORT_RULE, "Bureau of Industry and Security")


@pytest.mark.parametrize(
    ("told", "day"),
    [
        pytest.param(datetime(2026, 11, 13, tzinfo=UTC), date(2027, 1, 19), id="in-the-next-year"),
        pytest.param(datetime(2027, 1, 2, tzinfo=UTC), date(2027, 1, 19), id="in-this-one"),
        pytest.param(datetime(2027, 2, 2, tzinfo=UTC), date(2027, 1, 19), id="just-past"),
    ],
)
def test_a_day_without_a_year_is_the_nearest(told: datetime, day: date) -> None:
    item = an_item(title="BIS export rule", summary="It takes effect January 19.", published=told)
    assert licence_events(item)[0].effective == day


@given(st.text(max_size=200), st.text(max_size=300), st.sampled_from(["Federal Register", "x"]))
def test_no_text_makes_it_fail(title: str, summary: str, publisher: str) -> None:
    for event in licence_events(an_item(title=title, summary=summary, publisher=publisher)):
        assert len(event.subject) <= 200


_WORDS = (
    "license", "mit", "->", "org/m:", "from", "to", "apache 2.0", "effective", "2027-13-41", "export control", "rule",
    "docket", "123456-0207", "自2027年2月30日起施行", "V4", "明年2月30日施行",
    "effective february 29", "switches to", "→",
)  # fmt: skip


@given(st.lists(st.sampled_from(_WORDS), max_size=14))
def test_no_order_of_its_own_words_makes_it_fail(words: list[str]) -> None:
    licence_events(an_item(title=" ".join(words), summary=" ".join(reversed(words))))
