"""Checks requests against an OpenAPI 3.1 description: method, path, query and JSON body.

Objects are closed first: a property that the description does not name is a violation, as a typing error would be.
Run as a module, it writes the trimmed description of Discord's API that lies in ``tests/data/discord``.
"""

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.paths import DATA, SHARED_DATA

Json = Any
_METHODS = ("get", "put", "post", "patch", "delete")
_ROOT = "urn:openapi"

DISCORD_FULL = SHARED_DATA / "discord" / "openapi.json"
DISCORD_TRIMMED = DATA / "discord" / "openapi.json"
#: What the program uses of Discord's API.
DISCORD_OPERATIONS = (
    ("get", "/users/@me"),
    ("get", "/users/@me/guilds"),
    ("get", "/oauth2/applications/@me"),
    ("get", "/gateway/bot"),
    ("put", "/applications/{application_id}/commands"),
    ("get", "/channels/{channel_id}"),
    ("get", "/channels/{channel_id}/messages"),
    ("post", "/channels/{channel_id}/messages"),
    ("get", "/channels/{channel_id}/messages/{message_id}"),
    ("post", "/channels/{channel_id}/messages/{message_id}/threads"),
    ("post", "/channels/{channel_id}/messages/{message_id}/crosspost"),
    ("post", "/channels/{channel_id}/threads"),
    ("get", "/channels/{channel_id}/threads/archived/public"),
    ("get", "/guilds/{guild_id}/threads/active"),
    ("post", "/users/@me/channels"),
    ("post", "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("post", "/webhooks/{webhook_id}/{webhook_token}"),
    ("patch", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
    ("delete", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
)

#: Properties that Discord documents but its description of requests leaves out. discord.py always sends them.
DISCORD_UNDESCRIBED = {
    "ApplicationCommandUpdateRequest": {"nsfw": {"type": "boolean"}},
    "RichEmbed": {"flags": {"type": "integer"}},
    # It sends a number where the description wants text; Discord takes both.
    "CreatePrivateChannelRequest": {"recipient_id": {"type": ["integer", "string"]}},
    "MessageAttachmentRequest": {"id": {"type": ["integer", "string"]}},
    "IncomingWebhookUpdateRequestPartial": {"tts": {"type": "boolean"}},
}


class RequestChecker:
    """Checks the requests that the description knows; every other request is a violation."""

    def __init__(self, description: Json, *, undescribed: dict[str, Json] | None = None) -> None:
        spec = _closed(description)
        for schema, properties in (undescribed or {}).items():
            spec["components"]["schemas"][schema]["properties"] |= properties
        resource = Resource.from_contents(spec, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self._routes = [
            (
                method,
                _path_pattern(path),
                path,
                operation,
                [*item.get("parameters", []), *operation.get("parameters", [])],
            )
            for path, item in spec["paths"].items()
            for method, operation in item.items()
            if method in _METHODS
        ]
        # A path without a variable wins over one that has it there.
        self._routes.sort(key=lambda route: route[2].count("{"))

    @classmethod
    def load(cls, path: Path, *, undescribed: dict[str, Json] | None = None) -> "RequestChecker":
        return cls(json.loads(path.read_text("utf-8")), undescribed=undescribed)

    def check(
        self, method: str, path: str, *, query: dict[str, str], body: Json, content_type: str
    ) -> list[str]:
        """What is wrong with a request, each as one line; ``body`` is None when there was none."""
        name = f"{method} {path}"
        for known, pattern, _, operation, parameters in self._routes:
            if known == method.lower() and (match := pattern.fullmatch(path)):
                found = self._parameters(parameters, match.groupdict(), query)
                found += self._body(operation.get("requestBody"), body, content_type)
                return [f"{name}: {problem}" for problem in found]
        return [f"{name}: the description has no such operation"]

    def _parameters(self, parameters: Json, path: dict[str, str], query: dict[str, str]) -> list[str]:
        problems = []
        known = set()
        for parameter in parameters:
            place = path if parameter["in"] == "path" else query
            name = parameter["name"]
            known.add(name)
            if name in place:
                value = _typed(place[name], parameter["schema"])
                problems += [f"{name}: {text}" for text in self._errors(value, parameter["schema"])]
            elif parameter.get("required"):
                problems.append(f"{name} is missing")
        return problems + [f"unknown query parameter {name}" for name in query if name not in known]

    def _body(self, expected: Json, body: Json, content_type: str) -> list[str]:
        if expected is None:
            return [] if body is None else ["a body where none is expected"]
        if body is None:
            return ["the body is missing"] if expected.get("required") else []
        if content_type != "application/json":
            return [f"content type {content_type}, not application/json"]
        return self._errors(body, expected["content"]["application/json"]["schema"])

    def _errors(self, value: Json, schema: Json) -> list[str]:
        validator = Draft202012Validator(_absolute(schema), registry=self._registry)
        return [_told(error) for error in validator.iter_errors(value)]


def _told(error: ValidationError) -> str:
    deepest = best_match([error]) or error
    return f"{'/'.join(map(str, deepest.absolute_path)) or 'body'}: {deepest.message[-300:]}"


def _absolute(schema: Json) -> Json:
    """The schema with its references made absolute, so that it can stand alone."""
    if isinstance(schema, dict):
        return {
            key: f"{_ROOT}{value}" if key == "$ref" and str(value).startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(part) for part in schema] if isinstance(schema, list) else schema


def _closed(node: Json) -> Json:
    if isinstance(node, list):
        return [_closed(part) for part in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    is_object = isinstance(node.get("properties"), dict) and "object" in str(node.get("type"))
    if is_object and "allOf" not in node and "additionalProperties" not in node:
        closed["additionalProperties"] = False
    return closed


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    named = [f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(named))


def _typed(text: str, schema: Json) -> Json:
    """A query value as its schema wants it; left as text when it cannot be that."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("0", "1", "true", "false"):
        return text in ("1", "true")
    return text


def trimmed(description: Json, operations: tuple[tuple[str, str], ...]) -> Json:
    """Only these operations' requests, with every schema that they reach."""
    paths: Json = {}
    for method, path in operations:
        item = description["paths"][path]
        kept = {key: item[method][key] for key in ("operationId", "parameters") if key in item[method]}
        if "requestBody" in item[method]:
            given = item[method]["requestBody"]
            content = {"application/json": given["content"]["application/json"]}
            kept["requestBody"] = {**given, "content": content}
        paths.setdefault(path, {"parameters": item.get("parameters", [])})[method] = kept
    schemas: Json = {}
    waiting = _referenced(paths)
    while waiting:
        name = waiting.pop()
        if name not in schemas:
            schemas[name] = description["components"]["schemas"][name]
            waiting |= _referenced(schemas[name])
    return {
        "openapi": description["openapi"],
        "info": description["info"],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _referenced(node: Json) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", json.dumps(node)))


if __name__ == "__main__":
    full = json.loads(DISCORD_FULL.read_text("utf-8"))
    text = json.dumps(trimmed(full, DISCORD_OPERATIONS), separators=(",", ":"), ensure_ascii=False)
    DISCORD_TRIMMED.parent.mkdir(parents=True, exist_ok=True)
    DISCORD_TRIMMED.write_text(text + "\n", "utf-8")
    print(f"{len(text)} characters")
