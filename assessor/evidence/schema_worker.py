"""The process in which the official schemas are run; `schemas` starts it, feeds it and ends it. Not to be imported for use.

It imports nothing of assessor but `confined`, and the libraries of the extra `validate` only when they are needed. One
request a line on standard input (`path`, `serialization`, `version`), one answer a line on standard output (`documents`, each
with `validity`, `messages` and `notes`). While it looks at a file, it can neither open a socket nor write a file nor start a
program, so that no library and no document can make it.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from assessor.evidence import confined

LISTED, COUNTED = 200, 10_000
"""Messages of one document that are told, and those after which nobody counts further."""
LONGEST, EXCERPT = 300, 200
"""Characters of a message, and of the bytes that it is about."""
ENVELOPES = ("sbom", "SBOM", "bom", "predicate", "Data", "statement")
_DEEPEST = 8
_PLACED = re.compile(r"^[^\n]*?:(\d+):\d+: ")
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}(\.\d{1,3})?")

Message = tuple[str, str, str]
"""Place, words, excerpt."""


class _Unknown(Exception):
    """There is no schema; the text says of what."""


class _Invalid(Exception):
    """The document is not even what a schema could be held against; place and words."""


def main(memory: str, seconds: str) -> None:
    """Answer requests until there are none, each within so many bytes of memory and seconds."""
    answers = os.fdopen(confined.private(1), "w", encoding="utf-8")
    confined.limit(memory=int(memory))
    sys.set_int_max_str_digits(0)  # a number is no less valid for its length; the limit of time holds
    sys.addaudithook(confined.audit)
    for line in sys.stdin:
        confined.alarm(int(seconds))
        request = json.loads(line)
        try:
            documents = list(_documents(request["path"], request["serialization"], request["version"]))
            answer: dict[str, Any] = {"documents": documents}
        except MemoryError:
            answer = {"failed": "memory"}
        except RecursionError:
            answer = {"failed": "nesting"}
        except SystemExit:  # spdx-tools does so where RDF has no document
            answer = {"failed": "its library gave up"}
        except Exception as error:  # a library that breaks on a document has not judged it
            words = str(error).replace(request["path"], "document")
            answer = {"failed": f"{type(error).__name__}: {' '.join(words.split())[:LONGEST]}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        confined.alarm(0)


def _documents(path: str, serialization: str, version: str) -> Iterator[dict[str, Any]]:
    if serialization in ("json", "jsonld"):
        yield from _json(path)
    elif serialization == "xml" and not version.startswith("SPDX-"):
        yield _judged(lambda: _cyclonedx_xml(path, version))
    else:
        yield _judged(lambda: _spdx(serialization, path, version))


def _judged(messages: Any) -> dict[str, Any]:
    """The messages of one document, cut to what is told, with the verdict.

    `messages` imports what it needs and gives an iterator; only that looks at the document, and under guard.
    """
    try:
        found = messages()
        with confined.guarded():
            told = [_cut(message) for message in islice(found, LISTED)]
            more = sum(1 for _ in islice(found, COUNTED - LISTED)) if len(told) == LISTED else 0
    except _Unknown as error:
        return {"validity": "no_schema", "messages": [], "more": 0, "notes": [str(error)]}
    except _Invalid as error:
        return {"validity": "invalid", "messages": [_cut((*error.args, ""))], "more": 0, "notes": []}
    return {"validity": "invalid" if told else "valid", "messages": told, "more": more, "notes": []}


def _cut(message: Message) -> Message:
    place, words, excerpt = message
    words = " ".join(words.split())
    return place, words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…", excerpt[:EXCERPT]


# JSON: CycloneDX, SPDX 2 and SPDX 3, plain or in an envelope


def _json(path: str) -> Iterator[dict[str, Any]]:
    data = Path(path).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = f"byte {error.start} is not UTF-8, the encoding of JSON"
        yield _judged(lambda: _not_json("", words))
        return
    yield from _of_text(text, "", 0)


def _of_text(text: str, prefix: str, depth: int) -> Iterator[dict[str, Any]]:
    """Every document of a text, one after another; `prefix` is the place where the text stands in the file."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    at, number = _blanks(text, 0), 1
    while at < len(text):
        place = prefix if number == 1 else f"{prefix}/({number})"
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as error:
            words = str(error)
            yield _judged(lambda place=place, words=words: _not_json(place, words))
            return
        yield from _of_value(value, place, depth)
        at, number = _blanks(text, at), number + 1


def _of_value(value: Any, place: str, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    if value.get("bomFormat") == "CycloneDX" or "specFormat" in value:
        yield _judged(lambda: _cyclonedx_json(value, place))
    elif "spdxVersion" in value:
        yield _judged(lambda: _spdx_json(value, place))
    elif "@context" in value and "spdx.org/rdf/3" in json.dumps(value["@context"]):
        yield _judged(lambda: _spdx3(value, place))
    elif isinstance(value.get("payload"), str):
        payload = value["payload"]
        try:
            text = base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True).decode("utf-8-sig")
        except (binascii.Error, ValueError):
            return
        yield from _of_text(text, f"{place}/payload", depth + 1)
    else:
        for key in ENVELOPES:
            if key in value:
                yield from _of_value(value[key], f"{place}/{key}", depth + 1)


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no value of JSON")


def _not_json(place: str, words: str) -> Iterator[Message]:
    raise _Invalid(place, f"not well-formed JSON: {words}")


def _cyclonedx_json(document: dict[str, Any], prefix: str) -> Iterator[Message]:
    version = _cyclonedx_version(str(document.get("specVersion", "")))
    from cyclonedx.validation.json import JsonValidator

    _hasten()
    try:
        validator = JsonValidator(version)
    except ValueError:
        raise _Unknown(f"no official JSON schema exists of CycloneDX {version.to_version()}") from None
    return _told_json(lambda: validator.validate_str(json.dumps(document), all_errors=True) or (), prefix)


def _told_json(validate: Any, prefix: str) -> Iterator[Message]:
    from jsonschema.exceptions import best_match

    def messages() -> Iterator[Message]:
        for each in validate():
            error = each.data
            words, excerpt = _said(error)
            nearest = best_match([error])
            if nearest is not error and nearest is not None:
                words += f"; nearest: {_said(nearest)[0]} (at {_pointer(prefix, nearest.absolute_path)})"
            yield _pointer(prefix, error.absolute_path), words, excerpt

    return messages()


def _said(error: Any) -> tuple[str, str]:
    """The words of an error without the value itself where that is long, and the value."""
    shown = repr(error.instance)
    words = str(error.message)
    if len(shown) > 80 and words.startswith(shown):
        words = f"this value{words[len(shown) :]}"
    return words, json.dumps(error.instance, ensure_ascii=False)


def _pointer(prefix: str, path: Iterable[Any]) -> str:
    return prefix + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _cyclonedx_version(text: str) -> Any:
    from cyclonedx.schema import SchemaVersion

    if not _VERSION.fullmatch(text):
        raise _Invalid("", "the document does not say which version of CycloneDX it follows, so that no schema fits it")
    try:
        return SchemaVersion.from_version(text)
    except ValueError:
        raise _Unknown(f"the installed validator has no schema of CycloneDX {text}") from None


@functools.cache
def _hasten() -> None:
    """Two keywords of the JSON schema by other ways to the same answer: a list of 10,000 components would take an hour.

    `uniqueItems` compares each element with each other one, `iri-reference` parses each address by the whole grammar
    although nearly all are plain URI references, which RFC 3987 includes.
    """
    from jsonschema import Draft7Validator, ValidationError
    from rfc3986_validator import validate_rfc3986

    def unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if wanted and validator.is_type(instance, "array"):
            seen: dict[Any, int] = {}
            for number, element in enumerate(instance):
                first = seen.setdefault(_frozen(element), number)
                if first != number:
                    yield ValidationError(f"elements {first} and {number} are the same, each should be unique")
                    return

    Draft7Validator.VALIDATORS["uniqueItems"] = unique
    checker = Draft7Validator.FORMAT_CHECKER
    whole, raises = checker.checkers["iri-reference"]

    def iri_reference(value: Any) -> bool:
        if isinstance(value, str) and value.isascii() and validate_rfc3986(value, rule="URI_reference"):
            return True
        return bool(whole(value))

    checker.checks("iri-reference", raises=raises)(iri_reference)


def _frozen(value: Any) -> Any:
    """A JSON value that can be a key; equal ones are equal as JSON Schema means it (1 and 1.0 are, 1 and true are not)."""
    if isinstance(value, dict):
        return frozenset((key, _frozen(each)) for key, each in value.items())
    if isinstance(value, list):
        return ("list", *map(_frozen, value))
    return ("bool", value) if isinstance(value, bool) else value


# XML


def _cyclonedx_xml(path: str, version: str) -> Iterator[Message]:
    known = _cyclonedx_version(version)
    from cyclonedx.validation.xml import XmlValidator
    from lxml.etree import ErrorTypes, XMLSyntaxError

    def messages() -> Iterator[Message]:
        try:
            errors = XmlValidator(known).validate_str(Path(path).read_text("utf-8"), all_errors=True) or ()
        except XMLSyntaxError as error:
            if error.code == ErrorTypes.ERR_RESOURCE_LIMIT or "xcessive depth" in str(error.msg):
                raise RecursionError from None
            raise _Invalid(f"line {error.lineno}", f"not well-formed XML: {error.msg}") from None
        for each in errors:
            yield f"line {each.data.line}", re.sub(r"\{[^{}]*\}", "", each.data.message), ""

    return messages()


# SPDX 2, by the SPDX project's own library


def _spdx_json(document: dict[str, Any], prefix: str) -> Iterator[Message]:
    _spdx_version(str(document["spdxVersion"]))
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser

    places: dict[str, str] = {}
    for name in ("packages", "files", "snippets"):
        elements = document.get(name)
        for number, element in enumerate(elements if isinstance(elements, list) else []):
            if isinstance(element, dict) and isinstance(element.get("SPDXID"), str):
                places.setdefault(element["SPDXID"], f"{prefix}/{name}/{number}")
    return _spdx_messages(lambda: JsonLikeDictParser().parse(document), places, prefix)


def _spdx(serialization: str, path: str, version: str) -> Iterator[Message]:
    _spdx_version(version)
    _remember_licences()
    parse = _spdx_parsers()[serialization]
    return _spdx_messages(lambda: parse(path), {}, "")


def _spdx_version(version: str) -> None:
    if not _VERSION.fullmatch(version.removeprefix("SPDX-")):
        raise _Invalid("", "the document does not say which version of SPDX it follows")
    if version not in ("SPDX-2.2", "SPDX-2.3"):
        raise _Unknown(f"the installed validator knows SPDX 2.2 and 2.3, not {version.replace('-', ' ', 1)}")


def _spdx_parsers() -> dict[str, Any]:
    from spdx_tools.spdx.parser.rdf import rdf_parser
    from spdx_tools.spdx.parser.tagvalue.parser import Parser
    from spdx_tools.spdx.parser.xml import xml_parser
    from spdx_tools.spdx.parser.yaml import yaml_parser

    def tag_value(path: str) -> Any:
        return Parser(write_tables=False, debug=False).parse(Path(path).read_text("utf-8"))

    return {
        "rdf": rdf_parser.parse_from_file,
        "tag-value": tag_value,
        "xml": xml_parser.parse_from_file,
        "yaml": yaml_parser.parse_from_file,
    }


def _spdx_messages(parse: Any, places: dict[str, str], prefix: str) -> Iterator[Message]:
    import logging
    from xml.parsers.expat import ErrorString, ExpatError
    from xml.sax import SAXParseException

    from rdflib.exceptions import ParserError
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    from yaml import MarkedYAMLError

    def messages() -> Iterator[Message]:
        try:
            document = parse()
        except ExpatError as error:
            raise _Invalid(f"line {error.lineno}", f"not well-formed XML: {ErrorString(error.code)}") from None
        except SAXParseException as error:
            raise _Invalid(f"line {error.getLineNumber()}", f"not well-formed XML: {error.getMessage()}") from None
        except ParserError as error:
            at, words = _PLACED.match(str(error)), _PLACED.sub("", str(error))
            raise _Invalid(f"line {at[1]}" if at else "", f"not RDF/XML: {words}") from None
        except MarkedYAMLError as error:
            mark = error.problem_mark
            raise _Invalid(
                f"line {mark.line + 1}" if mark else "", f"not well-formed YAML: {error.problem or error.context}"
            ) from None
        except SPDXParsingError as error:
            for message in error.get_messages():
                line = re.search(r"Line: (\d+)", message)
                yield f"line {line[1]}" if line else prefix, message, ""
            yield prefix, "nothing behind this was checked; more may be told once it is mended", ""
            return
        for each in validate_full_spdx_document(document):
            known = each.context.spdx_id or each.context.parent_id or ""
            yield places.get(known, known or prefix), each.validation_message, ""

    logging.disable()
    return messages()


@functools.cache
def _remember_licences() -> None:
    """The library builds the whole list of licences anew for each expression of a tag-value file; once is enough."""
    import license_expression

    license_expression.get_spdx_licensing = functools.cache(license_expression.get_spdx_licensing)


# SPDX 3, by the classes that the SPDX project makes from its shapes


def _spdx3(document: dict[str, Any], prefix: str) -> Iterator[Message]:
    context = document["@context"]
    if "https://spdx.org/rdf/3.0.1/" not in json.dumps(context):
        raise _Unknown(f"the installed validator knows SPDX 3.0.1, not {json.dumps(context)[:80]}")
    graph = document.get("@graph")
    if not isinstance(graph, list):
        graph, place = [{key: value for key, value in document.items() if key != "@context"}], prefix
        return _elements(graph, context, [place])
    return _elements(graph, context, [f"{prefix}/@graph/{number}" for number in range(len(graph))])


def _elements(graph: list[Any], context: Any, places: list[str]) -> Iterator[Message]:
    """The first thing that is wrong with each element, taken by itself."""
    import io

    from spdx_python_model import v3_0_1 as model

    def messages() -> Iterator[Message]:
        for element, place in zip(graph, places, strict=True):
            data = json.dumps({"@context": context, "@graph": [element]}).encode()
            known = model.SHACLObjectSet()
            try:
                model.JSONLDDeserializer().read(io.BytesIO(data), known)
                model.JSONLDSerializer().serialize_data(known)
            except (RecursionError, MemoryError, OSError):
                raise
            except Exception as error:  # how the classes say that a shape is not kept
                words = str(error.args[0]) if error.args else type(error).__name__
                # without the number that an object has in this run
                yield place, re.sub(r" \(\d+\)", "", words), json.dumps(element)

    return messages()
