"""Finds small faults that a Swift file could have and writes them all into it, each behind a switch: `mutate.py` chooses one.

A mutant is inserted within its line, so that line numbers stay. The file is read as tokens: swift-format's spaces tell
binary operators from others. What the compiler refuses is left out afterwards (`mutate.py`).
"""

import re
from dataclasses import dataclass, field

OPENING, CLOSING = set("([{"), set(")]}")
ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "&+="}
# Of Swift's operators, those that bind their operands less tightly come first.
LEVELS = [ASSIGNMENTS, {"?", ":"}, {"||"}, {"&&"}, {"<", "<=", ">", ">=", "==", "!=", "===", "!==", "~="}, {"??"},
          {"is", "as", "as?"}, {"...", "..<"}, {"+", "-", "&+", "&-", "|", "^"}, {"*", "/", "%", "&*", "&"}, {"<<", ">>"}]
LEVEL = {text: level for level, texts in enumerate(LEVELS) for text in texts}
CHANGES = {"<": ("less", "<="), "<=": ("lessOrEqual", "<"), ">": ("greater", ">="), ">=": ("greaterOrEqual", ">"),
           "==": ("equal", "!="), "!=": ("unequal", "=="), "+": ("sum", "-"), "-": ("difference", "+"),
           "*": ("product", "/"), "/": ("quotient", "*"), "&&": ("both", "||"), "||": ("either", "&&")}
STOPS = {"return", "if", "guard", "while", "in", "case", "where", "else", "throw", "switch", "for", "->", ",", ";"}
TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<newline>\n)|(?P<space>[ \t]+)|(?P<number>\d[\d_]*(?:\.\d+)?(?:e-?\d+)?\b|0x[\dA-Fa-f_.p-]+)"
    r"|(?P<word>[@#$]?[A-Za-z_]\w*|`[^`]*`|\$\d+)|(?P<bracket>[()\[\]{}])|(?P<comma>[,;])|(?P<operator>[-+*/%<>=!&|^~?:.]+|\S)", re.DOTALL)


@dataclass
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass
class Mutant:
    line: int
    last_line: int
    what: str
    edits: list = field(default_factory=list)  # (position, order, text, length of what it replaces)
    number: int = 0


def tokens(source: str) -> list[Token]:
    """The file without comments; a string literal with all its interpolations is one token."""
    found, at = [], 0
    while at < len(source):
        if source[at] == '"' or re.match('#+"', source[at:at + 8]):
            end = literal_end(source, at)
            found.append(Token("string", source[at:end], at))
        else:
            match = TOKEN.match(source, at)
            end = match.end()
            if match.lastgroup != "comment":
                found.append(Token(match.lastgroup, match.group(), at))
        at = end
    return found


def literal_end(source: str, at: int) -> int:
    hashes = len(re.match("#*", source[at:]).group())
    quote = '"""' if source.startswith('"""', at + hashes) else '"'
    end, escape = quote + "#" * hashes, "\\" + "#" * hashes
    at += hashes + len(quote)
    while not source.startswith(end, at):
        if source.startswith(escape + "(", at):
            at += len(escape) + 1
            depth = 1
            while depth:
                if source[at] == '"':
                    at = literal_end(source, at)
                    continue
                depth += {"(": 1, ")": -1}.get(source[at], 0)
                at += 1
        else:
            at += len(escape) + 1 if source.startswith(escape, at) else 1
    return at + len(end)


class Finder:
    """The mutants of one file."""

    def __init__(self, source: str):
        self.source = source
        self.tokens = tokens(source)
        # Spaces are left out, but a token knows of them.
        self.code = [token for token in self.tokens if token.kind != "space"]
        self.spaced = {token.start for before, token in zip(self.tokens, self.tokens[1:]) if before.kind in ("space", "newline")}
        self.follows_space = {token.start for token, after in zip(self.tokens, self.tokens[1:]) if after.kind in ("space", "newline")}
        self.mutants: list[Mutant] = []
        self.partner = self.partners()

    def partners(self) -> dict[int, int]:
        stack, found = [], {}
        for index, token in enumerate(self.code):
            if token.text in OPENING and token.kind == "bracket":
                stack.append(index)
            elif token.text in CLOSING and token.kind == "bracket" and stack:
                opening = stack.pop()
                found[opening], found[index] = index, opening
        return found

    def is_binary(self, index: int) -> bool:
        token = self.code[index]
        return token.start in self.spaced and token.start in self.follows_space and (
            token.kind == "operator" or token.text in ("is", "as"))

    def line_of(self, position: int) -> int:
        return self.source.count("\n", 0, position) + 1

    def continues(self, index: int) -> bool:
        """Whether the expression goes on over this line break."""
        following = next((i for i in range(index + 1, len(self.code)) if self.code[i].kind != "newline"), None)
        if following is not None:
            text = self.code[following].text
            if text.startswith(".") and text not in ("...", "..<") or self.is_binary(following):
                return True
        before = next((i for i in range(index - 1, -1, -1) if self.code[i].kind != "newline"), None)
        return before is not None and (self.is_binary(before) or self.code[before].text in ("(", "[", ","))

    def start_of(self, index: int, level: int) -> int | None:
        """Where the left operand of the operator at `index` begins."""
        at, first = index - 1, None
        while at >= 0:
            token = self.code[at]
            if token.kind == "bracket" and token.text in CLOSING:
                first, at = self.partner[at], self.partner[at] - 1
                continue
            if token.kind == "bracket" or token.text in STOPS or token.text in ASSIGNMENTS:
                break
            if token.kind == "newline":
                if not self.continues(at):
                    break
            elif self.is_binary(at) and LEVEL.get(token.text, 99) < level:
                break
            elif token.text == ":" or token.text == "?" and self.is_binary(at):
                break
            if token.kind != "newline":
                first = at
            at -= 1
        while first is not None and self.code[first].text in ("try", "await", "let", "var"):
            first += 1
        return first if first is not None and first < index else None

    def end_of(self, index: int, level: int, in_header: bool) -> int | None:
        """The last token of the right operand."""
        at, last = index + 1, None
        while at < len(self.code):
            token = self.code[at]
            if token.kind == "bracket" and token.text in OPENING:
                if token.text == "{" and (in_header or last is None):
                    break
                last, at = self.partner.get(at, len(self.code) - 1), self.partner.get(at, len(self.code) - 1) + 1
                continue
            if token.kind == "bracket" or token.text in STOPS or token.text == ":":
                break
            if token.kind == "newline":
                if not self.continues(at):
                    break
            elif self.is_binary(at) and LEVEL.get(token.text, 99) <= level:
                break
            if token.kind != "newline":
                last = at
            at += 1
        return last

    def is_in_header(self, index: int) -> bool:
        """Whether a brace after this, at its depth, begins the body of an `if`, `while`, `switch` or `for`."""
        at = index
        while at >= 0:
            token = self.code[at]
            if token.kind == "bracket" and token.text in CLOSING:
                at = self.partner[at]
            elif token.kind == "bracket":
                return False
            elif token.text in ("if", "while", "switch", "for", "guard"):
                return True
            elif token.kind == "newline" and not self.continues(at):
                return False
            at -= 1
        return False

    def wrap(self, first: int, last: int, prefix: str, suffix: str, what: str, replaced: tuple[int, str] | None = None):
        start, end = self.code[first].start, self.code[last].end
        mutant = Mutant(self.line_of(start), self.line_of(end), what)
        # Of two with the same extent the negation of a whole condition stands outside.
        size = 2 * (end - start) + (1 if "negated" in prefix else 0)
        mutant.edits = [(start, -size, prefix, 0), (end, size, suffix, 0)]
        if replaced:
            token = self.code[replaced[0]]
            mutant.edits.append((token.start, 0, replaced[1], len(token.text)))
        self.mutants.append(mutant)

    def find(self) -> list[Mutant]:
        for index, token in enumerate(self.code):
            if token.text in CHANGES and self.is_binary(index):
                self.operator(index)
            elif token.text in ("if", "guard", "while") and token.kind == "word":
                self.conditions(index)
            elif token.text in ("true", "false") and self.code[index - 1].text != "while":
                self.wrap(index, index, "mutated.flag(ID, ", ")", f"{token.text} turned round")
            elif token.kind == "number":
                self.number(index)
        self.statements()
        return self.mutants

    def operator(self, index: int):
        text = self.code[index].text
        level, (name, other) = LEVEL[text], CHANGES[text]
        first = self.start_of(index, level)
        last = self.end_of(index, level, self.is_in_header(index - 1))
        if first is None or last is None or self.code[first].text == "case":
            return
        left = self.source[self.code[first].start:self.code[index].start]
        right = self.source[self.code[index].end:self.code[last].end]
        if "nil" == right.strip() or left.startswith("(") and right.strip().startswith("("):
            return self.whole_comparison(first, index, last, other)
        lazy = text in ("&&", "||")
        if lazy and re.search(r"\btry\b", left + right):
            return
        self.wrap(first, last, f"mutated.{name}(ID, ", ")", f"{text} becomes {other}", (index, ","))

    def whole_comparison(self, first: int, index: int, last: int, other: str):
        """One whose operands fit no generic function: negated as a whole, where that is what the change comes to."""
        if self.code[index].text in ("==", "!="):
            self.wrap(first, last, "mutated.negated(ID, ", ")", f"{self.code[index].text} becomes {other}")

    def conditions(self, index: int):
        at = index + 1
        while at < len(self.code):
            while self.code[at].kind == "newline":
                at += 1
            first, last = at, None
            while at < len(self.code):
                token = self.code[at]
                if token.kind == "bracket" and token.text in OPENING:
                    if token.text == "{":
                        break
                    last, at = self.partner[at], self.partner[at] + 1
                    continue
                if token.text in (",", "else") or token.kind == "bracket":
                    break
                if token.kind != "newline":
                    last = at
                at += 1
            if last is None or at >= len(self.code):
                return
            start = first
            while self.code[start].text in ("try", "await"):
                start += 1
            if self.code[first].text not in ("let", "var", "case", "true") and not self.code[first].text.startswith("#"):
                self.wrap(start, last, "mutated.negated(ID, ", ")", "the condition turned round")
            if self.code[at].text != ",":
                return
            at += 1

    def number(self, index: int):
        token = self.code[index]
        before = self.code[index - 1].text if index else ""
        line = self.source[self.source.rfind("\n", 0, token.start) + 1:token.start]
        if before.endswith(".") or before == "-" and not self.is_binary(index - 1) or line.lstrip().startswith(("case ", "@", "#")):
            return
        if re.search(r"\bcase\b", line):
            return
        self.wrap(index, index, "mutated.number(ID, ", ")", f"{token.text} becomes one more")

    STATEMENT = re.compile(r"^(?P<indent> +)(?P<text>(?:try )?(?:await )?(?:[a-z_]\w*|Self|_ =[^=].*)(?:[.\w\[\]!?]|\([^()]*\))*(?:\(.*\)|(?: = | \+= | -= ).+))$")
    NOT_STATEMENTS = re.compile(r"^(?:let|var|return|throw|guard|if|for|while|switch|case|default|else|static|public|private|func|struct|init|self\.init|super|defer|do|import|extension)\b")

    def statements(self):
        lines = self.source.split("\n")
        bodies = self.init_bodies()
        position = 0
        for number, line in enumerate(lines):
            match = self.STATEMENT.match(line)
            after = lines[number + 1].strip() if number + 1 < len(lines) else ""
            before = lines[number - 1].rstrip() if number else ""
            if (match and not self.NOT_STATEMENTS.match(match["text"]) and all(line.count(a) == line.count(b) for a, b in ("()", "[]", "{}"))
                    and not after.startswith((".", "&&", "||", "+", "-", "*", "?", ":", "??")) and not before.endswith(("(", "[", ",", "=", ":", "return", "in"))
                    and "//" not in line and not any(first <= number + 1 <= last for first, last in bodies) and not self.is_value(lines, number)):
                start = position + len(match["indent"])
                mutant = Mutant(number + 1, number + 1, f"left out: {match['text'][:60]}")
                mutant.edits = [(start, -10**6, "if mutated.keeps(ID) { ", 0), (position + len(line), 10**6, " }", 0)]
                self.mutants.append(mutant)
            position += len(line) + 1

    @staticmethod
    def is_value(lines: list[str], number: int) -> bool:
        """Whether the line is all of a body that has a value."""
        header = lines[number - 1].strip()
        if not header.endswith(("{", " in")) or not lines[number + 1].strip().startswith("}"):
            return False
        return "->" in header or "func" not in header and not re.match(
            r"(\} )?(else|if|for|while|guard|do|defer)\b|\) (async )?(throws )?\{", header)

    def init_bodies(self) -> list[tuple[int, int]]:
        """First and last line of each initialiser's body: what is left out there leaves a property without a value."""
        found = []
        for index, token in enumerate(self.code):
            if token.text != "{" or index not in self.partner:
                continue
            at = index - 1
            while at >= 0 and self.code[at].text in ("throws", "async", "rethrows", "\n"):
                at -= 1
            if self.code[at].text == ")" and at in self.partner:
                at = self.partner[at] - 1
                if self.code[at].text in ("?", ">"):
                    at -= 1
                if self.code[at].text == "init":
                    found.append((self.line_of(token.start), self.line_of(self.code[self.partner[index]].start)))
        return found


def mutated(source: str, mutants: list[Mutant]) -> str:
    """The source with all mutants in it."""
    edits = [(position, order, text.replace("ID", str(mutant.number)), length)
             for mutant in mutants for position, order, text, length in mutant.edits]
    # At one place what ends stands before what begins: ends have positive orders, the smaller region first.
    edits.sort(key=lambda edit: (edit[0], edit[1] <= 0, edit[1]))
    parts, at, changed = [], 0, set()
    for position, _, text, length in edits:
        if length and position in changed:
            continue
        parts.append(source[at:position] + text)
        at = position + length
        if length:
            changed.add(position)
    return "".join(parts) + source[at:]
