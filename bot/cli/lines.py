"""Files of one JSON object a line, read line by line: a history may be larger than memory."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.errors import ConfigError

#: An item is some kilobytes. A longer line is none, and a file of one line must not fill memory.
_LONGEST_LINE = 4 * 1024 * 1024


class Lines:
    """The lines of a file, or of standard input for ``-``. Iterating raises ``ConfigError`` that names the file, and
    the line where that is to blame.

    ``size``: the bytes of the file once it is open, None where that is not known. ``read``: those of them read so far.
    """

    def __init__(self, file: Path) -> None:
        self.name = str(file)
        self.size: int | None = None
        self.read = 0
        self._file = file

    def __iter__(self) -> Iterator[str]:
        try:
            if self.name == "-":
                yield from self._lines(sys.stdin.buffer)
                return
            with self._file.open("rb") as opened:
                self.size = self._file.stat().st_size or None  # a pipe says 0
                yield from self._lines(opened)
        except OSError as exc:
            raise ConfigError(f"{self.name}: cannot be read: {exc.strerror or exc}") from None

    def _lines(self, opened: BinaryIO) -> Iterator[str]:
        # Bytes end a line at \n only; str.splitlines() also at characters that may stand in a JSON text, as U+2028.
        number = 0
        while line := opened.readline(_LONGEST_LINE + 1):
            number += 1
            if len(line) > _LONGEST_LINE:
                raise ConfigError(
                    f"{self.name}:{number}: is longer than {_LONGEST_LINE // 2**20} MiB, so no item"
                )
            self.read += len(line)
            try:
                text = line.decode()
            except UnicodeDecodeError as exc:
                raise ConfigError(f"{self.name}:{number}: is not UTF-8: {exc.reason}") from None
            yield text
