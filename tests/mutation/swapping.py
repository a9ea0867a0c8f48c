"""Put a mutant in the place of a function that is imported already, in this process.

So everything, also the tests, is imported once and not once for each mutant. What is no part of a function's body
(a constant, a decorator, a class) cannot be swapped: that needs an import of its own.
"""

import ast
import gc
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType

from tests.mutation.mutants import Mutant


def can_swap(mutant: Mutant) -> bool:
    codes = _codes(mutant)
    return codes is not None and codes[0].co_freevars == codes[1].co_freevars


Functions = dict[tuple[str, int], list[FunctionType]]  # by name and first line


def all_functions() -> Functions:
    """Return every function that there is in this process."""
    functions = Functions()
    for each in gc.get_objects():
        if type(each) is FunctionType:
            functions.setdefault((each.__code__.co_qualname, each.__code__.co_firstlineno), []).append(each)
    return functions


def swap(mutant: Mutant, among: Functions) -> None:
    """Let every function made of the code that a mutant changes run the mutant's from now on."""
    codes = _codes(mutant)
    assert codes is not None
    old, new = codes
    alike = among.get((old.co_qualname, old.co_firstlineno), [])
    functions = [each for each in alike if each.__code__.co_filename.endswith(old.co_filename)]
    assert functions, f"nobody has imported {mutant}"
    for function in functions:
        function.__code__ = new


def _codes(mutant: Mutant) -> tuple[CodeType, CodeType] | None:
    """Return the code that the function around a mutant has, and what it becomes; None if there is no function."""
    for line, first, last in _functions(mutant.original):
        if first <= mutant.line <= last:
            old, new = (_code(source, mutant.path, line) for source in (mutant.original, mutant.source))
            return (old, new) if old and new else None
    return None


@cache
def _functions(source: bytes) -> list[tuple[int, int, int]]:
    """Return of each function that stands in no other: where it begins, and the first and last line of its body."""
    return list(_outermost(ast.parse(source)))


def _outermost(node: ast.AST) -> Iterator[tuple[int, int, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            begins = min([child.lineno, *(each.lineno for each in child.decorator_list)])
            yield begins, child.body[0].lineno, child.end_lineno or child.lineno
        else:
            yield from _outermost(child)


def _code(source: bytes, path: str, line: int) -> CodeType | None:
    codes = [compile(source, path, "exec", dont_inherit=True)]
    for code in codes:
        if code.co_firstlineno == line and code.co_name != "<module>" and code.co_flags & 1:  # optimised: a function
            return code
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
    return None
