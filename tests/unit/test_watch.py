"""What moves a watch question and what must not: wording, mood, proof and order."""

from datetime import UTC, datetime

import pytest

from bot.judgement.watch import Standing, Watcher
from bot.judgement.watch_cues import Terms
from bot.judgement.watch_proof import Proof
from bot.model import Grade, Graded, Item, SourceId, TermLists, Topic, TopicId, Watch

case = pytest.param
OPINION, RUMOUR, REPORT, PRIMARY_DATA, FILING, OFFICIAL = (
    Grade.OPINION, Grade.RUMOUR, Grade.REPORT, Grade.PRIMARY_DATA, Grade.FILING, Grade.OFFICIAL
)  # fmt: skip
TOPIC = TopicId("topic")
V4 = ("rumoured", "announced", "released", "benchmarked", "delayed", "denied")
SHIP = ("rumoured", "announced", "launched", "shipping", "delayed", "denied")
RULE = ("rumoured", "proposed", "final", "rescinded")
BILL = ("committee", "passed-house", "passed-senate", "signed")
TRADE = ("proposed", "final", "blocked", "approved", "rescinded")
STAY = ("suspended", "extended", "in-force")
ACT = ("rumoured", "proposed", "adopted", "delayed")
SILICON = ("taped-out", "sampling", "shipping", "delayed")


def an_item(title: str, *, summary: str = "", publisher: str = "Reuters") -> Item:
    moment = datetime(2026, 4, 1, tzinfo=UTC)
    return Item(
        source=SourceId("s"), external_id="1", url="https://example.org/1", title=title, publisher=publisher,
        published=moment, seen=moment, summary=summary,
    )  # fmt: skip


def moved(
    states: tuple[str, ...],
    title: str,
    *,
    grade: Grade = REPORT,
    state: str = "",
    summary: str = "",
    publisher: str = "Reuters",
    subject: tuple[str, ...] = (),
    cues: dict[str, tuple[str, ...]] | None = None,
    settled: bool = False,
    proof: Proof | None = None,
    question: str = "?",
) -> str:
    """The state that the item moves the question to, "" when it moves nothing."""
    watch = Watch(
        id="q", question=question, states=states, subject=TermLists(terms={"": subject}), cues=cues or {}
    )
    watcher = Watcher((Topic(id=TOPIC, name="t", watches=(watch,)),))
    item = an_item(title, summary=summary, publisher=publisher)
    key = (TOPIC, "q")
    moves = watcher.moves(
        item, (TOPIC,), Graded(grade=grade, reason="r"),
        Standing({key: state}, frozenset({key} if settled else ()), proofs={key: proof} if proof else {}),
    )  # fmt: skip
    if moves:
        assert moves[0].previous == state
        assert moves[0].reason
    return moves[0].state if moves else ""


@pytest.mark.parametrize(
    ("states", "title", "grade", "state", "expected"),
    [
        case(V4, "DeepSeek to release V4 in February, sources say", REPORT, "", "rumoured", id="report-of-a-plan"),
        case(V4, "DeepSeek V4 launch scheduled for Friday", OFFICIAL, "rumoured", "announced", id="plan-first-hand"),
        case(V4, "DeepSeek V4 is officially live", OFFICIAL, "announced", "released", id="live"),
        case(V4, "DeepSeek V4 发布并开源", REPORT, "rumoured", "released", id="released-in-chinese"),
        case(V4, "DeepSeek V4 release slips to May", REPORT, "rumoured", "delayed", id="slips"),
        case(V4, "DeepSeek辟谣：V4上线传言不实", REPORT, "rumoured", "denied", id="denied-in-chinese"),
        case(V4, "DeepSeek to launch V4 next week after all", REPORT, "denied", "rumoured", id="rumour-after-denial"),
        case(V4, "DeepSeek to launch V4 in April, report says", REPORT, "delayed", "rumoured", id="a-new-date"),
        case(V4, "曝DeepSeek V4四月发布", REPORT, "", "rumoured", id="a-month-is-tipped"),
        case(V4, "DeepSeek V4于4月24日发布", REPORT, "", "released", id="a-day-is-told"),
        case(V4, "DeepSeek launches V4 as investors await Hunyuan 3", REPORT, "", "released", id="done-to-it"),
        case(V4, "Is it out? DeepSeek V4 released", REPORT, "", "released", id="asked-and-answered"),
        case(TRADE, "Nvidia gets licences to ship H200 to China", REPORT, "", "approved", id="gets-licences"),
        case(V4, "DeepSeek launches V4 after delays", REPORT, "delayed", "released", id="after-delays"),
        case(V4, "CAISI evaluation of DeepSeek V4", OFFICIAL, "released", "benchmarked", id="measured"),
        case(SHIP, "Huawei begins volume shipments of Ascend 950PR", REPORT, "launched", "shipping", id="ships"),
        case(SHIP, "昇腾950DT跳票到明年二季度", REPORT, "shipping", "delayed", id="delayed-in-chinese"),
        case(RULE, "US drafts rules on AI chips worldwide", REPORT, "", "rumoured", id="draft-by-hearsay"),
        case(TRADE, "Commerce drafts H200 rule", FILING, "", "proposed", id="draft-on-file"),
        case(RULE, "AI chip export framework: proposed rule", FILING, "rumoured", "proposed", id="proposed"),
        case(RULE, "US withdraws planned AI chip rule", REPORT, "proposed", "rescinded", id="withdrawn"),
        case(RULE, "美国敲定芯片出口规则", REPORT, "rescinded", "final", id="final-in-chinese"),
        case(BILL, "Chip Security Act ordered reported", OFFICIAL, "", "committee", id="committee"),
        case(BILL, "H.R.3447 - Chip Security Act: passed House 371-38", FILING, "committee", "passed-house", id="bill"),
        case(BILL, "Trump signs Chip Security Act into law", REPORT, "passed-senate", "signed", id="signed"),
        case(TRADE, "China clears first batch of Nvidia H200 chips", REPORT, "blocked", "approved", id="approved"),
        case(TRADE, "中国海关叫停H200进口", REPORT, "final", "blocked", id="blocked-in-chinese"),
        case(STAY, "US extends suspension of 50% rule for a year", REPORT, "suspended", "extended", id="extended"),
        case(SILICON, "Rhea1 tape-out completed", REPORT, "", "taped-out", id="taped-out"),
        case(SILICON, "Rhea1 wird ausgeliefert", REPORT, "sampling", "shipping", id="german"),
        case(SILICON, "SiPearl verschiebt Rhea1 erneut", REPORT, "sampling", "delayed", id="delayed-in-german"),
        case(SILICON, "SiPearl gets first Rhea1 samples from TSMC", REPORT, "taped-out", "sampling", id="samples"),
        case(V4, "DeepSeek-V4 leaves preview", OFFICIAL, "announced", "released", id="the-preview-ends"),
        case(ACT, "Chips Act 2: Council and MEPs strike a deal", OFFICIAL, "proposed", "adopted", id="a-deal"),
    ],
)  # fmt: skip
def test_a_question_moves(
    states: tuple[str, ...], title: str, grade: Grade, state: str, expected: str
) -> None:
    assert moved(states, title, grade=grade, state=state) == expected


@pytest.mark.parametrize(
    ("states", "title", "grade", "state"),
    [
        case(V4, "DeepSeek V4 released, users say", RUMOUR, "rumoured", id="hearsay"),
        case(V4, "DeepSeek V4 is out and it changes everything", OPINION, "", id="opinion"),
        case(V4, "DeepSeek V4 released, demands paternity leave (satire)", REPORT, "", id="satire"),
        case(V4, "Fake DeepSeek V4 repository released on Hugging Face", REPORT, "", id="fake"),
        case(V4, "Download DeepSeek V4 APK free, now available", REPORT, "", id="spam"),
        case(V4, "Has DeepSeek V4 been released?", REPORT, "", id="question"),
        case(V4, "DeepSeek V4 not released yet", REPORT, "rumoured", id="negated"),
        case(V4, "DeepSeek V4 没有上线", REPORT, "rumoured", id="negated-in-chinese"),
        case(V4, "DeepSeek to launch V4 next week", REPORT, "released", id="plan-after-release"),
        case(V4, "DeepSeek launches V4", REPORT, "released", id="the-same-state"),
        case(V4, "DeepSeek V4 benchmarks: our model leads", OFFICIAL, "released", id="measured-by-itself"),
        case(V4, "DeepSeek denies training on Blackwell", REPORT, "rumoured", id="denies-something-else"),
        case(BILL, "Senate may pass the Chip Security Act", RUMOUR, "committee", id="rumoured-bill"),
        case(RULE, "Received: 0694-AK60 exports, final rule stage", FILING, "proposed", id="received-for-review"),
        case(TRADE, "Commerce drafts H200 rule, sources say", REPORT, "", id="draft-by-hearsay-only"),
    ],
)  # fmt: skip
def test_a_question_stays(states: tuple[str, ...], title: str, grade: Grade, state: str) -> None:
    assert moved(states, title, grade=grade, state=state, publisher="DeepSeek") == ""


def test_what_is_not_about_the_subject_moves_nothing() -> None:
    title = "Huawei launches Ascend 910C"
    assert moved(SHIP, title, subject=("ascend 950*",)) == ""
    assert moved(SHIP, "Huawei launches Ascend 950PR", subject=("ascend 950*",)) == "launched"


@pytest.mark.parametrize(
    ("states", "subject", "question", "title", "summary", "expected"),
    [
        case(V4, (), "Is DeepSeek V4 released?", "DeepSeek V4.1 is live", "", "", id="a-later-version"),
        case(V4, (), "Is DeepSeek V4 released?", "曝DeepSeek V5四月发布", "", "", id="the-next-one"),
        case(V4, (), "Is DeepSeek V4 released?", "DeepSeek-V4-Pro is live", "", "released", id="a-variant"),
        case(
            V4,
            (),
            "Is DeepSeek V4 released?",
            "Weights are up at DeepSeek",
            "",
            "released",
            id="no-version-named",
        ),
        case(SILICON, ("rhea1", "sipearl"), "?", "SiPearl tapes out Rhea2", "", "", id="the-next-chip"),
        case(SILICON, ("rhea1",), "?", "SiPearl's Rhea2 doubles Rhea1: tapeout", "", "", id="compared-with"),
        case(
            SILICON,
            ("rhea1", "sipearl"),
            "?",
            "Europe has a second CPU, two years late",
            "SiPearl's Rhea2 is quick",
            "",
            id="the-next-chip-in-the-summary",
        ),
        case(
            SILICON,
            ("rhea1", "sipearl"),
            "?",
            "Europe's first CPU is two years late",
            "SiPearl's Rhea1, and Rhea2 with it",
            "delayed",
            id="both-in-the-summary",
        ),
        case(
            SILICON,
            ("rhea1", "sipearl"),
            "?",
            "SiPearl tapes out first chip",
            "",
            "taped-out",
            id="by-its-maker",
        ),
        case(
            SHIP,
            ("昇腾 950*", "950pr"),
            "?",
            "CANN 9.0.0 发布",
            "算子在 950PR 上提升",
            "",
            id="software-for-the-chip",
        ),
        case(
            SHIP,
            ("昇腾950*",),
            "?",
            "长鑫HBM3年底供货",
            "将配套昇腾950后续型号",
            "",
            id="a-part-for-the-chip",
        ),
        case(
            SHIP,
            ("昇腾950*",),
            "?",
            "华为新芯片开始供货",
            "昇腾950首批",
            "shipping",
            id="named-in-the-summary",
        ),
        case(SHIP, ("ascend 950*",), "?", "Ascend 950DT delivered", "", "shipping", id="of-the-series"),
        case(SHIP, ("ascend 950*",), "?", "Huawei announces Ascend 950DT", "", "announced", id="announced"),
        case(
            SHIP,
            ("ascend 950*",),
            "?",
            "Huawei announces price cut for Ascend 950PR",
            "",
            "",
            id="of-its-price",
        ),
        case(
            V4, (), "Is DeepSeek V4 released?", "DeepSeek官宣V4", "", "announced", id="announced-in-chinese"
        ),
    ],
)
def test_what_is_told_of_another_version_or_product_moves_nothing(
    states: tuple[str, ...], subject: tuple[str, ...], question: str, title: str, summary: str, expected: str
) -> None:
    found = moved(states, title, summary=summary, subject=subject, question=question, grade=OFFICIAL)
    assert found == expected


@pytest.mark.parametrize(
    ("states", "title", "summary"),
    [
        case(V4, "DeepSeek slips out V4.1 while America shops", "", id="slips-out-is-no-delay"),
        case(V4, "Moore Threads supports V4", "首字延迟1.4秒", id="latency-is-no-delay"),
        case(
            ACT, "Industry Committee adopts position on Chips Act 2", "Adopted by 52 votes", id="in-committee"
        ),
        case(
            TRADE, "Commerce appeals H200 ruling", "Licences already granted stay valid", id="granted-before"
        ),
        case(V4, "Has DeepSeek released V4? Not yet", "", id="asked"),
        case(V4, "V4何时上线？DeepSeek：没有时间表", "", id="asked-in-chinese"),
        case(V4, "Polymarket: 62% odds DeepSeek V4 released by May", "", id="odds"),
        case(V4, "If DeepSeek V4 is released, prices will fall", "", id="a-condition"),
        case(V4, "DeepSeek V4正式版尚未发布", "", id="not-yet-in-chinese"),
        case(V4, "Tencent launches Hunyuan 3 as investors await DeepSeek V4", "", id="done-to-another"),
        case(SILICON, "Rhea1 delivers 4.2 TFLOPS", "", id="performs"),
        case(SILICON, "Rhea1 delivers on its promise", "", id="keeps-its-promise"),
        case(ACT, "MEPs reject Commission's Chips Act 2 proposal", "", id="a-rejected-proposal"),
    ],
)
def test_words_that_only_look_like_the_act_move_nothing(
    states: tuple[str, ...], title: str, summary: str
) -> None:
    question = "Is DeepSeek V4 released?" if states is V4 else "?"
    state = moved(states, title, summary=summary, question=question)
    assert state not in ("delayed", "adopted", "approved", "released", "shipping", "proposed")


def test_a_retelling_in_the_same_story_moves_nothing() -> None:
    assert moved(SILICON, "Rhea1 is here, but delayed", state="sampling") == "delayed"
    assert moved(SILICON, "Rhea1 is here, but delayed", state="sampling", settled=True) == ""


def test_a_story_moves_on_from_talk_to_act() -> None:
    title = "DeepSeek launches V4"
    assert moved(V4, title, state="rumoured", settled=True) == "released"


def test_the_summary_speaks_where_the_title_does_not() -> None:
    title = "deepseek-ai/DeepSeek-V4-Pro"
    summary = "New model repository. license: mit"
    assert moved(V4, title, grade=PRIMARY_DATA, state="announced", summary=summary) == "released"


def test_states_of_an_own_catalog_move_by_their_own_word() -> None:
    states = ("waiting", "sold-out")
    assert moved(states, "Concert sold out in minutes", state="waiting") == "sold-out"


def test_cues_of_an_own_catalog_are_added_and_no_mood_weakens_them() -> None:
    cues: dict[str, tuple[str, ...]] = {"released": ("drops the mic",)}
    assert moved(("released",), "Band drops the mic next week", cues=cues) == "released"


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        pytest.param("day zero", "day-zero support", True, id="hyphen"),
        pytest.param("sign", "signal lost", False, id="word-border"),
        pytest.param("上市", "正式上市了", True, id="chinese-anywhere"),
        pytest.param("v4", "昇腾v4发布", True, id="latin-beside-chinese"),
        pytest.param("licen*", "a licence", True, id="any-ending"),
        pytest.param("*", "anything", False, id="a-star-alone-is-no-cue"),
    ],
)
def test_terms_find_words(term: str, text: str, found: bool) -> None:
    assert bool(Terms((term,)).find(text)) is found


@pytest.mark.parametrize(
    ("states", "title", "summary", "state", "expected"),
    [
        case(SHIP, "Huawei said to cut 910C prices, buyers want 950PR", "", "", "", id="of-a-price"),
        case(SHIP, "知情人士：昇腾950PR改用新封装，良率提升", "", "", "", id="of-its-making"),
        case(SHIP, "传华为昇腾950PR下月开售", "", "", "rumoured", id="of-its-sale"),
        case(SHIP, "消息称昇腾950PR四月上市", "", "", "rumoured", id="hearsay-of-a-launch-is-no-launch"),
        case(SHIP, "昇腾950PR上市前，云厂商囤积910C", "", "", "", id="a-date-in-chinese"),
        case(V4, "US says V4 was trained on banned chips", "Traces go before launch.", "delayed", "", id="a-date"),
        case(V4, "Firms buy chips ahead of the launch of V4", "", "delayed", "", id="a-date-with-its-subject"),
        case(V4, "V4 will run on Huawei chips", "V4 is due in weeks.", "denied", "rumoured", id="due-says-it-comes"),
        case(STAY, "Affiliates rule: end of suspension", "", "extended", "in-force", id="the-end-of-a-stay-is-none"),
        case(RULE, "Commission to present the rule in May", "", "", "rumoured", id="to-present-is-not-presented"),
        case(BILL, "H.R.1: On passage Passed by the Yeas and Nays", "", "committee", "passed-house", id="vote"),
        case(BILL, "H.R.1: Ordered to be Reported by Voice Vote", "", "", "committee", id="record-of-a-committee"),
        case(("changed", "confirmed"), "license changed; LICENSE unchanged", "", "", "", id="unchanged-in-the-text"),
    ],
)  # fmt: skip
def test_what_is_said_of_something_else_moves_nothing(
    states: tuple[str, ...], title: str, summary: str, state: str, expected: str
) -> None:
    assert moved(states, title, summary=summary, state=state) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [("US drafts rules for chip exports worldwide", "rumoured"), ("US drafts rules for chip exports to Iran", "")],
)  # fmt: skip
def test_a_subject_may_be_words_together(title: str, expected: str) -> None:
    watch = Watch(
        id="q", question="?", states=RULE, subject_groups=(("worldwide", "global"), ("rule", "rules"))
    )
    watcher = Watcher((Topic(id=TOPIC, name="t", watches=(watch,)),))
    moves = watcher.moves(an_item(title), (TOPIC,), Graded(grade=REPORT, reason="r"), Standing({}))
    assert [move.state for move in moves] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("state", "title", "expected"),
    [
        case("released", "Nimbus denies that Nimbus 7 was delayed", "", id="it-is-out-and-not-late"),
        case("rumoured", "Nimbus denies that Nimbus 7 was delayed", "", id="not-late-is-no-denial-of-it"),
        case("", "Nimbus denies reports of a delay of the Nimbus 7 launch", "", id="in-other-words"),
        case("delayed", "Nimbus denies that Nimbus 7 was delayed", "denied", id="the-delay-itself"),
        case("delayed", "华为回应昇腾950DT延期传闻：不实", "denied", id="the-delay-itself-in-chinese"),
        case("rumoured", "华为否认昇腾950DT推迟发布", "", id="not-late-in-chinese"),
        case("rumoured", "DeepSeek denies report that V4 copied OpenAI code", "", id="a-charge"),
        case("rumoured", "DeepSeek否认V4抄袭的报道", "", id="a-charge-in-chinese"),
        case("rumoured", "DeepSeek denies V4 launch reports", "denied", id="the-launch"),
        case("rumoured", "DeepSeek denies launch report, says V4 is delayed", "denied", id="another-clause"),
    ],
)
def test_a_denial_takes_back_what_it_denies(state: str, title: str, expected: str) -> None:
    assert moved(V4, title, state=state) == expected


def shown(title: str = "Introducing V4", grade: Grade = OFFICIAL) -> Proof:
    return Proof(grade=grade, title=title)


@pytest.mark.parametrize(
    ("states", "state", "proof", "title", "grade", "expected"),
    [
        case(V4, "released", shown(), "Leaks Daily exclusive: V4 is delayed to March", REPORT, "", id="late"),
        case(V4, "released", shown(grade=PRIMARY_DATA), "V4 is delayed", REPORT, "", id="after-its-weights"),
        case(V4, "released", shown(), "DeepSeek denies V4 launch reports", REPORT, "", id="denied"),
        case(V4, "benchmarked", shown(), "V4 is delayed", REPORT, "", id="measured-already"),
        case(V4, "released", shown(), "V4 is delayed", OFFICIAL, "delayed", id="by-the-party-itself"),
        case(V4, "released", shown(), "V4 is delayed", PRIMARY_DATA, "delayed", id="on-proof-of-the-kind"),
        case(V4, "released", shown(grade=REPORT), "V4 is delayed", REPORT, "delayed", id="report-against-report"),
        case(V4, "announced", shown(), "V4 is delayed", REPORT, "delayed", id="only-announced"),
        case(V4, "delayed", shown(), "DeepSeek launches V4", REPORT, "released", id="forward-as-ever"),
        case(SHIP, "launched", shown(), "950PR delayed", REPORT, "delayed", id="a-step-is-still-to-come"),
        case(SHIP, "shipping", shown("950PR ships"), "950DT delayed", REPORT, "delayed", id="of-another-part"),
        case(SHIP, "shipping", shown("950PR ships"), "950PR delayed", REPORT, "", id="of-the-same-part"),
        case(RULE, "final", shown(), "US withdraws AI chip rule", REPORT, "rescinded", id="an-act-of-its-own"),
    ],
)  # fmt: skip
def test_weaker_proof_takes_nothing_back(
    states: tuple[str, ...], state: str, proof: Proof, title: str, grade: Grade, expected: str
) -> None:
    assert moved(states, title, state=state, grade=grade, proof=proof) == expected
