"""The description of the API for people: what `templates/api.html` shows of the document."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from chatapp.features.api.exchange import JSON
from chatapp.features.api.openapi import Json

SECTIONS = ("Resources", "Events", "Files", "Agents")
_REF = "#/components/schemas/"


class TypePart(NamedTuple):
    """A piece of a type's text; `link` is the name of the type that it stands for."""

    text: str
    link: str | None = None


class DescribedField(NamedTuple):
    name: str
    where: str
    """`path`, `query`, `header` or `body`."""
    type: list[TypePart]
    required: bool


class DescribedType(NamedTuple):
    name: str
    said: str
    fields: list[DescribedField]


class Endpoint(NamedTuple):
    id: str
    method: str
    path: str
    summary: str
    said: str
    fields: list[DescribedField]
    answers: list[tuple[str, list[TypePart]]]
    """Status and type."""
    refusals: list[tuple[str, str]]
    """Status and what it means."""
    curl: str


class Reference:
    """`document` is that of `openapi.Description`."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas: Json = document["components"]["schemas"]

    def sections(self, origin: str) -> dict[str, list[Endpoint]]:
        """The endpoints by section; `origin` is where the chat is, for the command lines."""
        sections: dict[str, list[Endpoint]] = {name: [] for name in SECTIONS}
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                if not operation.get("deprecated"):
                    endpoint = self._endpoint(method.upper(), path, operation, origin)
                    sections[operation["tags"][0]].append(endpoint)
        return sections

    def curl(self, method: str, path: str, origin: str) -> str:
        """The command line that sends a request."""
        operation = self._document["paths"][path][method]
        body = operation.get("requestBody", {}).get("content", {}).get(JSON)
        return _curl(method.upper(), origin + path, operation, body)

    def types(self) -> list[DescribedType]:
        return [
            DescribedType(name, schema.get("description", ""), list(self._members(schema)))
            for name, schema in sorted(self._schemas.items())
        ]

    def _endpoint(self, method: str, path: str, operation: Json, origin: str) -> Endpoint:
        fields = [
            DescribedField(
                each["name"], each["in"], list(self._parts(each["schema"])), each["required"]
            )
            for each in operation.get("parameters", ())
        ]
        body = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if body:
            fields += self._members(self._resolved(body["schema"]))
        answers, refusals = [], []
        for status, response in operation["responses"].items():
            if JSON in (content := response.get("content", {})):
                answers.append((status, list(self._parts(content[JSON]["schema"]))))
            elif content:
                answers.append((status, [TypePart(" or ".join(content))]))
            elif ref := response.get("$ref"):
                meant = self._document["components"]["responses"][ref.rpartition("/")[2]]
                refusals.append((status, meant["description"]))
        return Endpoint(
            operation["operationId"],
            method,
            path,
            operation["summary"],
            operation.get("description", ""),
            fields,
            answers,
            refusals,
            self.curl(method.lower(), path, origin),
        )

    def _resolved(self, schema: Json) -> Json:
        """The struct that is meant, where a plain text is possible as well."""
        for each in schema.get("anyOf", [schema]):
            if ref := each.get("$ref"):
                resolved: Json = self._schemas[ref.removeprefix(_REF)]
                return resolved
        return schema

    def _members(self, schema: Json) -> Iterator[DescribedField]:
        required = schema.get("required", ())
        for name, member in schema.get("properties", {}).items():
            yield DescribedField(name, "body", list(self._parts(member)), name in required)

    def _parts(self, schema: Json) -> Iterator[TypePart]:
        if ref := schema.get("$ref"):
            name = ref.removeprefix(_REF)
            yield TypePart(name, name)
        elif "anyOf" in schema:
            for number, each in enumerate(schema["anyOf"]):
                if number:
                    yield TypePart(" | ")
                yield from self._parts(each)
        elif schema.get("type") == "array":
            yield TypePart("[")
            yield from self._parts(schema["items"])
            yield TypePart("]" + _bounds(schema))
        elif "enum" in schema:
            yield TypePart(" | ".join(json.dumps(value) for value in schema["enum"]))
        else:
            yield TypePart(str(schema.get("format") or schema.get("type", "any")) + _bounds(schema))


def _bounds(schema: Json) -> str:
    """Such as ` ≥ 1, ≤ 200`."""
    signs = {
        "minimum": "≥",
        "maximum": "≤",
        "exclusiveMaximum": "<",
        "minLength": "≥",
        "maxLength": "≤",
        "minItems": "≥",
        "maxItems": "≤",
    }
    said = [f"{sign} {schema[key]}" for key, sign in signs.items() if key in schema]
    return f" {', '.join(said)}" if said else ""


def _curl(method: str, url: str, operation: Json, body: Any) -> str:
    words = ["curl", '-H "Authorization: Bearer $TOKEN"']
    if body:
        words.append(f"--json '{json.dumps(body['example'], ensure_ascii=False)}'")
    elif "requestBody" in operation:
        words.append("-F file=@picture.png")
    if method not in ("GET", "POST") or (method == "POST" and "requestBody" not in operation):
        words.append(f"-X {method}")
    url = url.replace("{room}", "general").replace("{seq}", "1").replace("{id}", "ID")
    needed = [each["name"] for each in operation.get("parameters", ()) if _is_needed_in_query(each)]
    query = "&".join(f"{name}=tea" for name in needed)
    return " ".join([*words, f"'{url}?{query}'" if query else url])


def _is_needed_in_query(parameter: Json) -> bool:
    return parameter["in"] == "query" and bool(parameter["required"])
