"""The demo's month ends with the answers that its headlines give: it is the first that a new user reads."""

from importlib.resources import files

from bot.catalog.loader import load_catalog
from bot.flow.replay import replay


def test_the_month_answers_what_it_tells_and_nothing_else() -> None:
    lines = files("bot.flow").joinpath("demo_sample.jsonl").read_text("utf-8").splitlines()
    answers: dict[str, str] = {}
    for replayed in replay(lines, load_catalog()):
        answers |= {move.question: move.state for move in replayed.verdict.watch}
    # That the weights are open under MIT is no rumour of another licence: that question stays without an answer.
    assert answers == {
        "deepseek-v4-released": "benchmarked",
        "ascend-950-shipping": "shipping",
        "chips-act-2": "proposed",
        "rhea1-silicon": "shipping",
    }
