"""Encrypts what workspaces entrust us with, with the keys of TIPOFF_SECRET_KEY (Fernet: AES-128-CBC with HMAC-SHA-256,
https://cryptography.io/en/latest/fernet/)."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import ConfigError


class SealBroken(Exception):
    """None of the keys opens it."""


class Sealer:
    """The first key seals; all open, so that a key can be changed: the new one in front, the former behind it."""

    def __init__(self, keys: str) -> None:
        """``keys``: one or more, with commas between. Raises ``ConfigError``, without the keys."""
        made: list[Fernet] = []
        for number, key in enumerate(filter(None, (part.strip() for part in keys.split(","))), 1):
            try:
                made.append(Fernet(key))
            except ValueError:
                raise ConfigError(
                    f"TIPOFF_SECRET_KEY: key {number} is none; “tipoff slack key” makes one"
                ) from None
        if not made:
            raise ConfigError("TIPOFF_SECRET_KEY: is empty; “tipoff slack key” makes one")
        self._first, self._all = made[0], MultiFernet(made)

    def seal(self, text: str) -> str:
        return self._first.encrypt(text.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """Raises ``SealBroken``."""
        try:
            return self._all.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken from None

    def is_current(self, sealed: str) -> bool:
        """Whether the first key sealed it."""
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True


def new_key() -> str:
    return Fernet.generate_key().decode("ascii")
