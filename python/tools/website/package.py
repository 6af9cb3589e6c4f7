"""The reference of the Python package, from its signatures and docstrings."""

from __future__ import annotations

import re
from typing import Any

import griffe

from . import ROOT
from .markdown import escaped, fenced

PACKAGE = ROOT / "python" / "python"
ENGINES = ("duckdb", "polars", "spark")
EVENTS = "_events"
"""The module of the kinds of event, of which there are many alike."""
LONG = 1000
"""Letters of a type that a page does not write out, as the names of all detections."""


def page() -> str:
    """The reference: functions, classes, errors, kinds of event, engines."""
    package: Any = griffe.load("t1053", search_paths=[str(PACKAGE)], allow_inspection=False)
    exported = [name for name in _exports(package) if not name.startswith("_")]
    objects = {name: _target(package.members[name]) for name in exported}
    # Kinds of event stand together, in the order of their file.
    events = [name for name, it in objects.items() if it.module.name == EVENTS]
    functions = [name for name, it in objects.items() if it.is_function]
    others = [name for name in exported if name not in (*events, *functions)]
    errors = [name for name in others if name.endswith(("Error", "Warning"))]
    classes = [
        name for name in others if name not in errors and objects[name].is_class
    ]
    parts = [
        "# Python reference\n",
        "From the package's docstrings, whose examples run as tests;"
        " [the guide](python.md) shows how the parts fit.\n",
    ]
    for heading, names in (
        ("Functions", sorted(functions)),
        ("Classes", sorted(classes)),
        ("Errors", sorted(errors)),
        ("Events", sorted(events)),
        ("Types of arguments", sorted(set(others) - {*errors, *classes})),
    ):
        parts.append(f"## {heading}\n")
        parts += [_object(objects[name], f"t1053.{name}") for name in names]
    for engine in ENGINES:
        module = package.members[engine]
        parts.append(f"## t1053.{engine}\n")
        parts.append(_docstring(module))
        public = {
            name: it
            for name, it in module.members.items()
            if not name.startswith("_") and not it.is_alias and (it.is_function or it.is_class)
        }
        parts += [_object(it, f"t1053.{engine}.{name}") for name, it in public.items()]
    return "\n".join(parts)


def _exports(package: Any) -> list[str]:
    names = [getattr(it, "name", it) for it in package.exports]
    return [str(name).strip("'\"") for name in names]


def _target(member: Any) -> Any:
    return member.final_target if member.is_alias else member


def exported() -> list[str]:
    """The names that the page is to have."""
    import t1053

    return [name for name in t1053.__all__ if not name.startswith("_")]


def _object(it: Any, path: str) -> str:
    parts = [f"### {path}\n"]
    if it.is_function:
        parts += [_signatures(it, path.rpartition(".")[2]), _docstring(it)]
    elif it.is_class:
        parts.append(_docstring(it))
        fields: list[str] = []
        methods: list[str] = []
        for name, member in it.members.items():
            if member.is_alias or name.startswith("_"):
                continue
            if member.is_function:
                methods.append(f"#### {path.rpartition('.')[2]}.{name}\n")
                methods += [_signatures(member, name), _docstring(member)]
            elif member.docstring:
                about = " ".join(member.docstring.value.split("\n\n")[0].split())
                kind = f": `{member.annotation}`" if member.annotation else ""
                fields.append(f"- `{name}`{kind}  \n  {escaped(about)}\n")
        parts += ["".join(fields), *methods]
    else:
        if len(str(it.value)) < LONG:
            parts.append(fenced(f"{path.rpartition('.')[2]} = {it.value}", "python"))
        parts.append(_docstring(it))
    return "\n".join(parts)


def _signatures(it: Any, name: str) -> str:
    """The ways to call it."""
    told = it.overloads or [it]
    return fenced("\n".join(_signature(one, name) for one in told), "python")


def _signature(it: Any, name: str) -> str:
    parameters: list[str] = []
    seen_star = False
    before = ""
    for parameter in it.parameters:
        kind = parameter.kind.value if parameter.kind else ""
        if parameter.name in ("self", "cls"):
            continue
        if before == "positional-only" and kind != before:
            parameters.append("/")
        if kind == "keyword-only" and not seen_star:
            parameters.append("*")
            seen_star = True
        if kind.startswith("variadic"):
            seen_star = True
        star = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        text = f"{star}{parameter.name}"
        if parameter.annotation is not None:
            text += f": {parameter.annotation}"
        if parameter.default is not None and not star:
            text += f" = {parameter.default}" if parameter.annotation else f"={parameter.default}"
        parameters.append(text)
        before = kind
    if before == "positional-only":
        parameters.append("/")
    answer = f" -> {it.returns}" if it.returns is not None else ""
    line = f"{name}({', '.join(parameters)}){answer}"
    if len(line) <= 79:
        return line
    return f"{name}(\n" + "".join(f"    {it},\n" for it in parameters) + f"){answer}"


def _docstring(it: Any) -> str:
    """What it says of itself; its examples as blocks of code."""
    if it.docstring is None:
        return ""
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", it.docstring.value.strip("\n")):
        if block.startswith(">>>"):
            parts.append(fenced(block, "pycon"))
        else:
            parts.append(escaped(block) + "\n")
    return "\n".join(parts)

