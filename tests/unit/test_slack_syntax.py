"""What people type after a slash command."""

import pytest

from bot.errors import UserError
from handlers.slack.syntax import Asked, parse_command


@pytest.mark.parametrize(
    ("slash", "text", "command", "options"),
    [
        pytest.param("/tipoff", "", "help", {}, id="nothing"),
        pytest.param("/tipoff", "  help ", "help", {}, id="help"),
        pytest.param("/tipoff", "help source add", "help", {"command": "source add"}, id="help-of-one"),
        pytest.param("/tipoff", "subscribe deepseek-v4", "subscribe", {"topic": "deepseek-v4"}, id="topic"),
        pytest.param(
            "/tipoff",
            "subscribe deepseek-v4 min-grade=report mode=daily lang=en,zh quiet=22:00-07:00@Europe/Berlin",
            "subscribe",
            {
                "topic": "deepseek-v4",
                "min-grade": "report",
                "mode": "daily",
                "lang": "en,zh",
                "quiet": "22:00-07:00@Europe/Berlin",
            },
            id="named",
        ),
        pytest.param(
            "/tipoff",
            "subscribe --min-grade report x --mode=daily",
            "subscribe",
            {"min-grade": "report", "topic": "x", "mode": "daily"},
            id="dashes",
        ),
        pytest.param(
            "/tipoff",
            "subscribe x —min-grade leak",
            "subscribe",
            {"topic": "x", "min-grade": "leak"},
            id="a-phone-s-dash",
        ),
        pytest.param(
            "/tipoff",
            "subscribe x leak daily",
            "subscribe",
            {"topic": "x", "min-grade": "leak", "mode": "daily"},
            id="in-order",
        ),
        pytest.param(
            "/tipoff",
            "subscribe mode=daily x leak",
            "subscribe",
            {"mode": "daily", "topic": "x", "min-grade": "leak"},
            id="named-ones-leave-the-order",
        ),
        pytest.param(
            "/tipoff", 'subscribe "DeepSeek V4"', "subscribe", {"topic": "DeepSeek V4"}, id="quoted"
        ),
        pytest.param(
            "/tipoff", "subscribe “DeepSeek V4”", "subscribe", {"topic": "DeepSeek V4"}, id="curly-quotes"
        ),
        pytest.param(
            "/tipoff",
            'subscribe topic="DeepSeek V4"',
            "subscribe",
            {"topic": "DeepSeek V4"},
            id="quoted-value",
        ),
        pytest.param(
            "/tipoff", 'subscribe "DeepSeek V4', "subscribe", {"topic": "DeepSeek V4"}, id="unclosed"
        ),
        pytest.param("/tipoff", 'search "a=b"', "search", {"text": "a=b"}, id="quoted-equals"),
        pytest.param(
            "/tipoff",
            "search ascend 950 topic=huawei",
            "search",
            {"text": "ascend 950", "topic": "huawei"},
            id="rest",
        ),
        pytest.param(
            "/tipoff", "search it's -x --y a=b", "search", {"text": "it's -x --y a=b"}, id="free-text-is-free"
        ),
        pytest.param(
            "/tipoff",
            "search text=ascend huawei",
            "search",
            {"text": "ascend", "topic": "huawei"},
            id="named-text",
        ),
        pytest.param("/tipoff", "search A&amp;B &lt;x&gt;", "search", {"text": "A&B <x>"}, id="entities"),
        pytest.param("/tipoff", "search", "search", {}, id="missing-is-for-the-core-to-say"),
        pytest.param(
            "/tipoff", "why https://x.com/?a=1&amp;b=2", "why", {"story": "https://x.com/?a=1&b=2"}, id="link"
        ),
        pytest.param(
            "/tipoff", "why <https://x.com/a|x.com/a>", "why", {"story": "https://x.com/a"}, id="slack-link"
        ),
        pytest.param(
            "/tipoff", "why <https://x.com/a>", "why", {"story": "https://x.com/a"}, id="slack-bare-link"
        ),
        pytest.param(
            "/tipoff",
            "subscribe x mention=<!subteam^S0DESK|@chip-desk>",
            "subscribe",
            {"topic": "x", "mention": "<!subteam^S0DESK|@chip-desk>"},
            id="user-group",
        ),
        pytest.param(
            "/tipoff",
            "source add <https://x.com/feed> topic=v4",
            "source add",
            {"url": "https://x.com/feed", "topic": "v4"},
            id="two-words",
        ),
        pytest.param(
            "/tipoff-source", "Remove x", "source remove", {"source": "x"}, id="own-command-second-word"
        ),
        pytest.param("/tipoff", "digest now", "digest now", {}, id="two-words-no-options"),
        pytest.param("/tipoff", "LATEST", "latest", {}, id="capitals"),
        pytest.param("/tipoff", "/latest 3", "latest", {"topic": "3"}, id="slash"),
        pytest.param("/tipoff-latest", "count=3", "latest", {"count": "3"}, id="own-command"),
        pytest.param(
            "/tipoff-search", "latest news", "search", {"text": "latest news"}, id="own-command-text"
        ),
        pytest.param("/tipoff-dev", "latest", "latest", {}, id="other-app-name"),
    ],
)
def test_understood(slash, text, command, options) -> None:
    assert parse_command(slash, text) == Asked(command=command, options=options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("dance", "subscribe, unsubscribe, subscriptions", id="command"),
        pytest.param("subscribe x colour=red", "[min-grade=…]", id="option"),
        pytest.param("subscribe x --colour red", "no option “colour”", id="dashed-option"),
        pytest.param("subscribe x mode=daily mode=hourly", "twice", id="twice"),
        pytest.param("subscribe x --mode", "value is missing", id="no-value"),
        pytest.param("latest a b c", "“c” is one word too many", id="too-many"),
        pytest.param("topics x", "too many", id="none-taken"),
        pytest.param("source", "source add, source remove", id="half-a-command"),
        pytest.param("source burn", "no command “source burn”", id="second-word"),
    ],
)
def test_not_understood_lists_what_there_is(text, words) -> None:
    with pytest.raises(UserError) as caught:
        parse_command("/tipoff", text)
    assert words in str(caught.value)
