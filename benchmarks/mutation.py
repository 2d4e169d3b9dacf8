"""Which changes of the logic no test notices: mutants of the procedures and of the rule's reader, made and run by mutmut.

    python benchmarks/mutation.py [MODULE...] [--sample N] [--jobs N]

A mutant is a function with one change. It is killed when a test that reaches the function fails, and survives when none does.
Changed are comparisons, boolean and arithmetic operators, numbers, True, False, None (to False: unknown taken for "no"),
returned values, conditions, default arguments, `break` and `continue`; never texts, thousands of which are words for the
report. Code outside functions and properties stay as they are. MODULE is a file's name without `.py`; none means all of
them. A sample takes the same N mutants of each module in every run.

Prints a table, and writes it with every survivor's place and change to `mutants/report.txt` and `mutants/report.json`. What
was found stays there until a file of `assessor/` or `tests/` changes, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import libcst as cst
import mutmut.__main__ as command
from mutmut.mutation import file_mutation, mutators
from mutmut.mutation.data import MutantLineSpans, SourceFileMutationData
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.trampoline import get_mutant_under_test
from mutmut.runners.harness import PytestRunner
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

SEED = 791
FOLDER = Path("mutants")
OPPOSITES = {"any": "all", "min": "max", "isna": "notna", "where": "mask"}
OPPOSITES |= {new: old for old, new in OPPOSITES.items()}
COLUMNS = {"killed": "killed", "survived": "survived", "no tests": "survived", "timeout": "timeouts"}
COUNTS = ("mutants", "of", "killed", "survived", "timeouts", "other")


def none(node: cst.Name) -> Iterable[cst.CSTNode]:
    """None becomes False: what is unknown is taken for "no"."""
    if node.value == "None":
        yield node.with_changes(value="False")


def returned(node: cst.Return) -> Iterable[cst.CSTNode]:
    """A returned value becomes None."""
    constant = isinstance(node.value, cst.Name) and node.value.value in ("None", "True", "False")
    if node.value is not None and not constant:
        yield node.with_changes(value=cst.Name("None"))


def condition(node: cst.If | cst.While | cst.CompIf) -> Iterable[cst.CSTNode]:
    """A condition without an operator of its own is negated."""
    if not isinstance(node.test, cst.Comparison | cst.BooleanOperation | cst.UnaryOperation):
        inside = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), inside))


def opposite(node: cst.Call) -> Iterable[cst.CSTNode]:
    """A call of `any`, `isna`, … becomes one of its opposite."""
    name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
    if isinstance(name, cst.Name) and name.value in OPPOSITES:
        yield node.with_deep_changes(name, value=OPPOSITES[name.value])


OPERATORS: list[tuple[type, Any]] = [
    (cst.BaseNumber, mutators.operator_number),
    (cst.Name, mutators.operator_name),
    (cst.Name, none),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.IfExp, mutators.operator_if_exp),
    (cst.Lambda, mutators.operator_lambda),
    (cst.Return, returned),
    (cst.If, condition),
    (cst.While, condition),
    (cst.CompIf, condition),
    (cst.Call, opposite),
]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--sample", type=int, default=0, metavar="N")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    told = parser.parse_args()
    paths = {path.stem: path for path in walk_mutatable_files()}
    if unknown := set(told.modules) - set(paths):
        sys.exit(f"no module {', '.join(sorted(unknown))}; there are {', '.join(sorted(paths))}")
    forget_other_states()
    adapt({paths[name] for name in told.modules or paths}, told.sample)
    command._run((), told.jobs)
    report([paths[name] for name in sorted(paths)])


def forget_other_states() -> None:
    """Remove what was found for other code or other tests."""
    files = [Path("pyproject.toml"), Path(__file__), *Path("assessor").rglob("*"), *Path("tests").rglob("*")]
    found = hashlib.sha256()
    for path in sorted(file.resolve() for file in files if file.is_file() and file.suffix != ".pyc"):
        found.update(path.as_posix().encode() + path.read_bytes())
    mark = FOLDER / "state"
    if not mark.exists() or mark.read_text("utf-8") != found.hexdigest():
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        mark.write_text(found.hexdigest(), "utf-8")


def adapt(wanted: set[Path], sample: int) -> None:
    """Let mutmut use our operators, mutate functions under `@cache` too, run only what is asked for, nearest tests first."""
    skips, arrange = MutationVisitor._skip_node_and_children, file_mutation.function_trampoline_arrangement
    collect, execute, run_tests = (
        command.collect_source_file_mutation_data,
        PytestRunner.execute_pytest,
        PytestRunner.run_tests,
    )

    def cached(node: cst.CSTNode) -> bool:
        decorators = node.decorators if isinstance(node, cst.FunctionDef) else ()
        return bool(decorators) and all(d.decorator.deep_equals(cst.Name("cache")) for d in decorators)

    def skips_all_but_cached(self: MutationVisitor, node: cst.CSTNode) -> bool:
        return not cached(node) and skips(self, node)

    def arrange_cached_once(function: cst.FunctionDef, *more: Any, **named: Any) -> Any:
        declared, (outer, *copies), assigned, names = arrange(function, *more, **named)
        bare = [copy.with_changes(decorators=()) if cached(copy) else copy for copy in copies]
        return declared, [outer, *bare], assigned, names

    def collect_wanted(*, mutant_names: Any) -> Any:
        mutants, files = collect(mutant_names=mutant_names)
        chosen = {name for path in wanted for name in drawn(results(path), sample)}
        return [mutant for mutant in mutants if mutant[1] in chosen], files

    def execute_with_fresh_rule(self: PytestRunner, params: list[str], **more: Any) -> int:
        return execute(self, params, **more | {"plugins": [*more.get("plugins", ()), FreshRule()]})

    def run_nearest_first(self: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        module = (mutant_name or "").split(".x")[0].rpartition(".")[2]
        return run_tests(
            self, mutant_name=mutant_name, tests=sorted(tests, key=lambda test: f"{module}.py" not in test)
        )

    file_mutation.mutation_operators = OPERATORS
    file_mutation.function_trampoline_arrangement = arrange_cached_once
    MutationVisitor._skip_node_and_children = skips_all_but_cached
    command.collect_source_file_mutation_data = collect_wanted
    PytestRunner.execute_pytest = execute_with_fresh_rule
    PytestRunner.run_tests = run_nearest_first


class FreshRule:
    """A pytest plugin: each test reads the rule anew, since what an earlier test left in a cache would hide a mutant."""

    def pytest_runtest_setup(self, item: object) -> None:
        """Empty the caches where they matter: while it is noted which test reaches what, and for mutants of the reader."""
        if get_mutant_under_test() == "stats" or ".reader." in get_mutant_under_test():
            from assessor.rule import reader

            for function in vars(reader).values():
                if hasattr(function, "cache_clear"):
                    function.cache_clear()


def results(path: Path) -> dict[str, int | None]:
    """The mutants of a file by name, with the exit code of their tests; None for those not run."""
    data = SourceFileMutationData(path=path)
    data.load()
    return data.exit_code_by_key


def drawn(mutants: Iterable[str], sample: int) -> list[str]:
    """So many of the mutants, the same ones in every run; all of them for 0."""
    mixed = sorted(mutants, key=lambda name: hashlib.sha256(f"{SEED} {name}".encode()).digest())
    return mixed[: sample or None]


def report(paths: list[Path]) -> None:
    """Print a table of the modules that mutants were run of, and write it with the survivors."""
    table: list[dict[str, Any]] = []
    survivors: list[dict[str, Any]] = []
    for path in paths:
        all_of = results(path)
        status = {name: status_by_exit_code[code] for name, code in all_of.items() if code is not None}
        if not status:
            continue
        count = Counter({"mutants": len(status), "of": len(all_of)})
        count.update(COLUMNS.get(word, "other") for word in status.values())
        table.append({"module": path.stem, **{word: count[word] for word in COUNTS}})
        for name, word in status.items():
            if COLUMNS.get(word) == "survived":
                line, before, after = place(path, name)
                found = {"file": path.as_posix(), "line": line, "before": before, "after": after}
                survivors.append(found | {"reached": word != "no tests"})
    table.append({"module": "all", **{word: sum(row[word] for row in table) for word in COUNTS}})
    lines = [f"{'module':<28}" + "".join(f"{word:>10}" for word in (*COUNTS, "share"))]
    for row in table:
        share = row["survived"] / max(row["mutants"], 1)
        lines.append(f"{row['module']:<28}" + "".join(f"{row[word]:>10}" for word in COUNTS) + f"{share:>10.1%}")
    print("\n".join(lines))
    survivors.sort(key=lambda s: (s["file"], s["line"]))
    for s in survivors:
        lines += ["", f"{s['file']}:{s['line']}{'' if s['reached'] else ' (no test reaches it)'}"]
        lines += [f"  - {s['before']}", f"  + {s['after']}"]
    (FOLDER / "report.txt").write_text("\n".join(lines) + "\n", "utf-8")
    told = json.dumps({"modules": table, "survivors": survivors}, indent=1, ensure_ascii=False)
    (FOLDER / "report.json").write_text(told + "\n", "utf-8")
    print(f"survivors: {FOLDER / 'report.txt'}")


def place(path: Path, mutant: str) -> tuple[int, str, str]:
    """The line of a mutant's change in the source, and the text of that line before and after."""
    function, owner = orig_function_and_class_names_from_key(mutant)
    changed = mutant.rpartition(".")[2]
    original = changed.rpartition("_")[0] + "_orig"
    spans = MutantLineSpans.load(path)
    assert spans is not None
    before, after = (
        text.replace(name, function).partition(f"def {function}(")[2].splitlines()
        for name, text in zip((original, changed), spans.read_function_sources([original, changed]), strict=True)
    )
    at = next(n for n, (old, new) in enumerate(zip(before, after, strict=False)) if old != new)
    tree = ast.parse(path.read_text("utf-8"))
    body = next((node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == owner), tree.body)
    start = next(node.lineno for node in body if isinstance(node, ast.FunctionDef) and node.name == function)
    return start + at, before[at].strip(), after[at].strip()


if __name__ == "__main__":
    main()
