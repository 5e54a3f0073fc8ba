"""Every error that the world can cause, named by what the caller does next."""

from datetime import timedelta


class BotError(Exception):
    """Root of all expected failures; its text is fit to show to a person and holds no secret."""


class ConfigError(BotError):
    """A setting or the catalog is wrong: show the text, exit with 2."""


class UserError(BotError):
    """A person asked for something that cannot be done: show the text to that person."""


class StorageError(BotError):
    """The database is locked, broken, out of reach, or newer than this program."""


class SourceError(BotError):
    """A source could not be read."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SourceUnavailable(SourceError):
    """Try again later; ``retry_after`` when the server said how much later."""

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class SourceRejected(SourceError):
    """The source is gone (410) or refuses us; asking again will not help."""


class AddressRefused(SourceError):
    """The address, or one that it redirects to, may not be reached (private, or not http)."""


class ParseFailed(SourceError):
    """The answer arrived but nothing of it could be read as this kind of source."""
