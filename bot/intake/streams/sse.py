"""Server-sent events: an incremental parser of bounded memory. Pure.

The format is the event stream of the WHATWG HTML standard (section 9.2, "Server-sent events").
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import ParseFailed

#: Bytes of one line, and of the data of one event. A Mastodon status takes 2 to 20 KiB.
MAX_EVENT_BYTES = 256 * 1024
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
#: Digits of a ``retry`` that are read: more would be years.
_RETRY_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. ``name`` is "message" where the server gave none; ``last_id`` is the last id that was sent."""

    data: str
    name: str = "message"
    last_id: str = ""


class EventParser:
    """Takes bytes as they come and gives the events that they complete.

    ``lines`` counts the whole lines so far, also comments: they show that the server lives. ``retry``: how long the
    server asks to wait before a reconnection, None while it has not said.
    """

    def __init__(self, *, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._partial = bytearray()
        self._after_cr = False
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._name = b""
        self._last_id = b""
        self.lines = 0
        self.retry: timedelta | None = None

    def feed(self, chunk: bytes) -> list[Event]:
        """Raises ``ParseFailed`` for a line or an event beyond the limit; the parser is of no use afterwards."""
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]  # the second half of a CRLF
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        first, *rest = _LINE_END.split(chunk)
        self._extend(first)
        events: list[Event] = []
        for piece in rest:
            line = bytes(self._partial)
            self._partial.clear()
            self._extend(piece)
            if (event := self._line(line)) is not None:
                events.append(event)
        return events

    def _extend(self, piece: bytes) -> None:
        if len(self._partial) + len(piece) > self._max_bytes:
            raise self._too_large()
        self._partial += piece

    def _too_large(self) -> ParseFailed:
        return ParseFailed(f"an event of the stream is larger than {self._max_bytes / 1024:g} KiB")

    def _line(self, line: bytes) -> Event | None:
        if self.lines == 0:
            line = line.removeprefix(_BOM)
        self.lines += 1
        if not line:
            return self._dispatched()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._data_bytes += len(value) + 1
                if self._data_bytes > self._max_bytes:
                    raise self._too_large()
                self._data.append(value)
            case b"event":
                self._name = value
            case b"id" if b"\0" not in value:
                self._last_id = value
            case b"retry" if value.isdigit():
                self.retry = timedelta(milliseconds=int(value[:_RETRY_DIGITS]))
        return None  # any other name is to be ignored, "" (a comment) too

    def _dispatched(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._data_bytes, self._name = [], 0, b""
        if not data:
            return None
        return Event(
            data=b"\n".join(data).decode("utf-8", "replace"),
            name=name.decode("utf-8", "replace") or "message",
            last_id=self._last_id.decode("utf-8", "replace"),
        )
