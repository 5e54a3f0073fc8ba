"""What Discord refuses although its description allows it."""

import time
from collections import deque

from tests.standins.discord_payloads import Json


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, code: int = 0, text: str = "", retry_after: float | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.retry_after = status, code, text, retry_after


class Budget:
    """How many messages a channel takes in a while. Discord's own figure is 5 in 5 s; here it is roomy unless set."""

    def __init__(self) -> None:
        self.limit, self.window_s = 50, 1.0
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, channel: str) -> tuple[float, dict[str, str]]:
        """Seconds to wait (0: go ahead), and the headers that go with any answer."""
        now = time.monotonic()
        began, used = self._windows.get(channel, (now, 0))
        if now - began >= self.window_s:
            began, used = now, 0
        left = began + self.window_s - now
        wait = left if used >= self.limit else 0.0
        self._windows[channel] = (began, min(used + 1, self.limit))
        return wait, {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.limit - used - 1, 0)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": "messages",
            "Via": "1.1 google",
        }


class Requests:
    """All requests of the bot: 50 in any second, by the strictest way to count. Not answers to interactions."""

    def __init__(self) -> None:
        self.limit, self.span_s = 50, 1.0
        self.refused = 0
        self._times: deque[float] = deque()

    def take(self) -> float:
        """Seconds to wait (0: go ahead). A refused request does not count."""
        now = time.monotonic()
        while self._times and self._times[0] <= now - self.span_s:
            self._times.popleft()
        if len(self._times) >= self.limit:
            self.refused += 1
            return self._times[0] + self.span_s - now
        self._times.append(now)
        return 0.0


class Invalid:
    """Answers of 401, 403 and 429 (but for those of scope shared): 10,000 in ten minutes shut the address out."""

    def __init__(self) -> None:
        self.limit, self.span_s = 10_000, 600.0
        self._times: deque[float] = deque()

    def note(self, status: int, scope: str = "") -> None:
        if status in (401, 403) or (status == 429 and scope != "shared"):
            self._times.append(time.monotonic())

    @property
    def count(self) -> int:
        """Those that still count."""
        while self._times and self._times[0] <= time.monotonic() - self.span_s:
            self._times.popleft()
        return len(self._times)


def check_limits(body: Json) -> None:
    """Limits that the description does not hold. Lengths in UTF-16 units, the stricter way to count."""
    embeds = body.get("embeds") or []
    if not embeds and not body.get("content"):
        raise Refused(400, 50006, "Cannot send an empty message")
    if _units(body.get("content") or "") > 2000:
        raise Refused(400, 50035, "content is too long")
    for embed in embeds:
        for row in embed.get("fields") or []:
            if not row["name"].strip() or not row["value"].strip():
                raise Refused(400, 50035, "an embed's field is empty")
        if not any(embed.get(key) for key in ("title", "description", "fields", "author", "footer")):
            raise Refused(400, 50035, "an embed is empty")
    check_components(body.get("components") or [])
    if sum(embed_size(embed) for embed in embeds) > 6000:
        raise Refused(400, 50035, "embeds are larger than 6000 characters together")


def check_components(rows: Json) -> None:
    """Rows of buttons and lists: https://docs.discord.com/developers/components/reference"""
    ids = [each["custom_id"] for row in rows for each in row["components"] if "custom_id" in each]
    if len(ids) != len(set(ids)):
        raise Refused(400, 50035, "a custom_id comes twice")
    for row in rows:
        kinds = [each["type"] for each in row["components"]]
        if not kinds or (2 in kinds and len(kinds) > 5) or (3 in kinds and len(kinds) > 1):
            raise Refused(400, 50035, "a row is empty or too full")
        for each in row["components"]:
            if each["type"] == 2 and (each["style"] == 5) != ("url" in each):
                raise Refused(400, 50035, "a link has an address, and nothing else has")
            values = [option["value"] for option in each.get("options") or []]
            if len(values) != len(set(values)):
                raise Refused(400, 50035, "a choice comes twice")


def embed_size(embed: Json) -> int:
    """What counts against the limit of 6000 characters."""
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    texts += [text for row in embed.get("fields") or [] for text in (row["name"], row["value"])]
    return sum(_units(text or "") for text in texts)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
