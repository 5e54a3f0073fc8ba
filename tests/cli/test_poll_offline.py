"""``tipoff poll --once`` where nothing can be reached says so once, not source by source."""

from pathlib import Path

from tests.commandline import tipoff_in

#: Nothing listens there.
CLOSED = "http://127.0.0.1:1"
CATALOG = (
    "\n".join(
        f'[[source]]\nid = "s{number}"\nkind = "rss"\nurl = "{CLOSED}/{number}"\n' for number in range(7)
    )
    + '[[topic]]\nid = "t"\nany = ["x"]\n'
)


def test_a_poll_without_a_network_says_what_to_do(tmp_path: Path) -> None:
    tipoff = tipoff_in(tmp_path, catalog=CATALOG)
    ended = tipoff("poll", "--once", TIPOFF_ALLOW_PRIVATE_ADDRESSES="true")
    assert ended.returncode == 0, ended.stderr
    assert "No source could be read: is there a network?" in ended.stdout
    assert "7 failed" in ended.stdout
    assert "s6" not in ended.stdout
