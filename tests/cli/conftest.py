"""The command line as a program of its own, in a folder of its own."""

from pathlib import Path

import pytest

from tests.commandline import Tipoff, tipoff_in

CATALOG = """\
[[source]]
id = "s"
kind = "rss"
url = "https://example.org/feed"
topics = ["t"]
[[topic]]
id = "t"
name = "The Ascend"
any = ["ascend 950", "ascend"]
ambiguous = ["ascend"]
near = ["huawei"]
none = ["kirin"]
[[topic.watch]]
id = "t-out"
question = "Is it out?"
states = ["rumoured", "announced", "released"]
[[topic]]
id = "u"
any = ["deepseek v4"]
"""


@pytest.fixture
def tipoff(tmp_path: Path) -> Tipoff:
    return tipoff_in(tmp_path, catalog=CATALOG)
