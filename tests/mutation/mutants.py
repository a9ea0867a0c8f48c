"""Small changes of meaning to a source file, one at a time: each is a mutant that some test should fail on.

Left alone, because no test should hold them: sentences and other strings, annotations, docstrings and log lines.
"""

import ast
import re
from dataclasses import dataclass
from hashlib import sha256

COMPARISONS = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: (r"is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
    ast.In: (r"in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
}
ARITHMETIC = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitOr: (r"\|", "&"),
    ast.BitAnd: ("&", "|"),
}
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}
# Of a chain of calls on a query, those that can be left out and leave a query.
QUERY_STEPS = {"filter", "exclude", "order_by", "select_for_update", "distinct", "not_closed", "due"}
BY_KEYWORD = {"filter", "exclude", "update", "get", "create", "get_or_create", "Q"}
TALKS = {"logger"}
TRUNCATES_FROM = 32  # a slice that cuts text to a column's length


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: bytes of a file that are replaced, and where."""

    path: str
    line: int
    start: int
    end: int
    new: str
    original: bytes

    @property
    def source(self) -> bytes:
        return self.original[: self.start] + self.new.encode() + self.original[self.end :]

    @property
    def old(self) -> str:
        return self.original[self.start : self.end].decode()

    @property
    def key(self) -> str:
        """Return a name that stays while the line does, wherever it stands."""
        lines = self.original.splitlines()
        near = [self.path, lines[self.line - 1].strip().decode(), self.old, self.new]
        before = self.original[: self.start]
        column = self.start - before.rfind(b"\n")
        same = sum(line.strip() == lines[self.line - 1].strip() for line in lines[: self.line])
        return sha256("\0".join([*near, str(column), str(same)]).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        def one_line(text: str) -> str:
            return " ".join(text.split())[:100]

        return f"{self.path}:{self.line}: {one_line(self.old)!r} -> {one_line(self.new)!r}"


def mutants_of(path: str, original: bytes) -> list[Mutant]:
    """Return the mutants of a file, each of which still is Python."""
    finder = _Finder(path, original)
    finder.visit(ast.parse(original))
    return [mutant for mutant in finder.found if _is_python(mutant.source)]


def _is_python(source: bytes) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str, original: bytes) -> None:
        self._path, self._original = path, original
        self._line_starts = [0]
        for line in original.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))
        self.found: list[Mutant] = []

    # What is left alone.

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave sentences alone."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        cut = node.slice
        bounds = [bound for bound in (cut.lower, cut.upper) if bound] if isinstance(cut, ast.Slice) else [cut]
        for bound in bounds:
            if not (isinstance(bound, ast.Constant) and isinstance(bound.value, int) and bound.value >= TRUNCATES_FROM):
                self.visit(bound)

    # Expressions.

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            pattern, new = COMPARISONS[type(operator)]
            self._replace_between(left, right, pattern, new)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        pattern, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._replace_between(left, right, rf"\b{pattern}\b", new)
        for value in node.values:
            self._negate(value)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
            self._add(node, self._start(node), self._start(node.operand), "")
        self.visit(node.operand)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not any(_is_text(side) for side in (node.left, node.right)) and type(node.op) in ARITHMETIC:
            pattern, new = ARITHMETIC[type(node.op)]
            self._replace_between(node.left, node.right, pattern, new)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._replace(node, str(not node.value))
        elif isinstance(node.value, int | float):
            self._replace(node, repr(node.value + 1))

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._negate(condition)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if isinstance(node.func, ast.Name) and name in OPPOSITES:
            self._replace(node.func, OPPOSITES[name])
        if isinstance(node.func, ast.Attribute) and name in QUERY_STEPS:
            self._add(node, self._end(node.func.value), self._end(node), "")
        if name in BY_KEYWORD and len(node.keywords) + len(node.args) > 1:
            for keyword in node.keywords:
                self._leave_out(keyword)
        for keyword in node.keywords:
            if keyword.arg == "update_fields" and isinstance(keyword.value, ast.List):
                for field in keyword.value.elts:
                    self._leave_out(field)
        self.generic_visit(node)

    # Statements.

    def visit_Expr(self, node: ast.Expr) -> None:
        call = node.value
        if isinstance(call, ast.Constant):
            return  # a docstring
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            if getattr(call.func.value, "id", "") in TALKS:
                return
            if isinstance(call.func.value, ast.Call) and getattr(call.func.value.func, "id", "") == "super":
                return
        self._replace(node, "pass")
        self.visit(call)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(not isinstance(target, ast.Name) and not _is_names(target) for target in node.targets):
            self._replace(node, "pass")
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace(node, "pass")
        if type(node.op) in ARITHMETIC:
            pattern, new = ARITHMETIC[type(node.op)]
            self._replace_between(node.target, node.value, f"{pattern}=", f"{new}=")
        self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._replace(node, "pass")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self._replace(node, "pass")
        elif not isinstance(node.value, ast.Constant):
            self._replace(node.value, "None")
        if node.value is not None:
            self.visit(node.value)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "pass")

    def visit_If(self, node: ast.If) -> None:
        if getattr(node.test, "id", "") == "TYPE_CHECKING":
            return
        self._negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        if not isinstance(node.test, ast.Constant):
            self._negate(node.test)
            self.visit(node.test)
        for statement in [*node.body, *node.orelse]:
            self.visit(statement)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if not any(isinstance(statement, ast.Raise) for statement in node.body):
            self._add(node, self._start(node.body[0]), self._end(node.body[-1]), "raise")
        for statement in node.body:
            self.visit(statement)

    # How they are written down.

    def _negate(self, test: ast.expr) -> None:
        """Negate a condition whose parts do not do so already."""
        equality = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
        flips = isinstance(test, ast.Compare) and isinstance(test.ops[0], equality)
        if not flips and not isinstance(test, ast.BoolOp) and not _is_not(test):
            self._replace(test, f"(not ({self._text(test)}))")

    def _leave_out(self, node: ast.AST) -> None:
        """Leave out one of several arguments or elements, with the comma behind it."""
        end = self._end(node)
        comma = re.match(rb"\s*,", self._original[end:])
        self._add(node, self._start(node), end + (comma.end() if comma else 0), "")

    def _replace(self, node: ast.AST, new: str) -> None:
        self._add(node, self._start(node), self._end(node), new)

    def _replace_between(self, left: ast.AST, right: ast.AST, pattern: str, new: str) -> None:
        start, end = self._end(left), self._start(right)
        if found := re.search(pattern.encode(), self._original[start:end]):
            self._add(right, start + found.start(), start + found.end(), new)

    def _add(self, node: ast.AST, start: int, end: int, new: str) -> None:
        line = self._original.count(b"\n", 0, start) + 1
        self.found.append(Mutant(self._path, line, start, end, new, self._original))

    def _text(self, node: ast.AST) -> str:
        return self._original[self._start(node) : self._end(node)].decode()

    def _start(self, node: ast.AST) -> int:
        return self._line_starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]

    def _end(self, node: ast.AST) -> int:
        return self._line_starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_not(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _is_names(target: ast.AST) -> bool:
    return isinstance(target, ast.Tuple) and all(isinstance(each, ast.Name) for each in target.elts)
