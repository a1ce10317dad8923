"""Every mutant of the decision tables in one text: each stands beside what it replaces, behind a switch.

The switch is the number in the environment variable MUTANT; 0 or none is the program as it is. Used by `mutants`.

What is changed: comparisons, conditions, extremes, boundaries and given values of the code below src/engine/guideline; of each
row of a table every condition is left out once, every value and statement is changed once, the row is left out once, and each
pair of neighbours changes places once. Constants become functions, because a constant cannot ask for the switch.
"""
import re

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<text>b?r\#*"(?:.|\n)*?"\#*|b?"(?:\\.|[^"\\])*"|b?'(?:\\.[^']*|[^\\'])')
    |(?P<life>'[a-z_]+)
    |(?P<name>[A-Za-z_]\w*(?:!(?=[(\[{]))?)
    |(?P<number>\d[\w]*(?:\.\d\w*)?)
    |(?P<mark>\.\.=|\.\.|<<=|&&|\|\||==|!=|<=|>=|=>|->|::|[-+*/%^&|]=|.)""",
    re.X | re.S,
)
OPEN, CLOSE = "([{", ")]}"
HEADERS = {"if", "while", "match"}
# An operand of a comparison ends here, on either side.
ENDS = {",", ";", ":", "=>", "=", "+=", "-=", "..", "..=", "return", "in", "else", "move", "let", "->", "break"} | HEADERS
SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
OTHERS = {
    "Indicator": {"Critical": "Warning", "Warning": "Info", "Info": "Warning"},
    "Priority": {"Stat": "Asap", "Asap": "Urgent", "Urgent": "Routine", "Routine": "Urgent"},
}
METHODS = {
    "any": "all", "all": "any", "min": "max", "max": "min", "min_by_key": "max_by_key", "max_by_key": "min_by_key",
    "is_some_and": "is_none_or", "is_none_or": "is_some_and", "is_some": "is_none", "is_none": "is_some",
}
# What the copy of the engine gets to ask for the switch.
SWITCH = """//! The switch of the mutants.
use std::sync::LazyLock;
static MUTANT: LazyLock<u32> = LazyLock::new(|| std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0));
pub fn number() -> u32 { *MUTANT }
pub fn on(number: u32) -> bool { *MUTANT == number }
pub fn swapped<T, const N: usize>(first: u32, mut rows: [T; N]) -> [T; N] {
    let place = (number().wrapping_sub(first)) as usize;
    if place + 1 < N { rows.swap(place, place + 1); }
    rows
}
pub trait OfIterator: Iterator + Sized {
    fn any_m(&mut self, n: u32, f: impl FnMut(Self::Item) -> bool) -> bool { if on(n) { self.all(f) } else { self.any(f) } }
    fn all_m(&mut self, n: u32, f: impl FnMut(Self::Item) -> bool) -> bool { if on(n) { self.any(f) } else { self.all(f) } }
    fn min_by_key_m<K: Ord>(self, n: u32, f: impl FnMut(&Self::Item) -> K) -> Option<Self::Item> { if on(n) { self.max_by_key(f) } else { self.min_by_key(f) } }
    fn max_by_key_m<K: Ord>(self, n: u32, f: impl FnMut(&Self::Item) -> K) -> Option<Self::Item> { if on(n) { self.min_by_key(f) } else { self.max_by_key(f) } }
    fn least_m(self, n: u32) -> Option<Self::Item> where Self::Item: Ord { if on(n) { self.max() } else { self.min() } }
    fn most_m(self, n: u32) -> Option<Self::Item> where Self::Item: Ord { if on(n) { self.min() } else { self.max() } }
}
impl<I: Iterator> OfIterator for I {}
pub trait OfOrder: Ord + Sized {
    fn min_m(self, n: u32, other: Self) -> Self { if on(n) { self.max(other) } else { self.min(other) } }
    fn max_m(self, n: u32, other: Self) -> Self { if on(n) { self.min(other) } else { self.max(other) } }
}
impl<T: Ord> OfOrder for T {}
pub trait OfOption<T>: Sized {
    fn is_some_m(&self, n: u32) -> bool;
    fn is_none_m(&self, n: u32) -> bool;
    fn is_some_and_m(self, n: u32, f: impl FnOnce(T) -> bool) -> bool;
    fn is_none_or_m(self, n: u32, f: impl FnOnce(T) -> bool) -> bool;
}
impl<T> OfOption<T> for Option<T> {
    fn is_some_m(&self, n: u32) -> bool { self.is_some() != on(n) }
    fn is_none_m(&self, n: u32) -> bool { self.is_none() != on(n) }
    fn is_some_and_m(self, n: u32, f: impl FnOnce(T) -> bool) -> bool { if on(n) { self.is_none_or(f) } else { self.is_some_and(f) } }
    fn is_none_or_m(self, n: u32, f: impl FnOnce(T) -> bool) -> bool { if on(n) { self.is_some_and(f) } else { self.is_none_or(f) } }
}
"""


class Token:
    __slots__ = ("kind", "text", "start", "end", "mate", "spaced")

    def __init__(self, kind, text, start, end, spaced):
        self.kind, self.text, self.start, self.end, self.mate, self.spaced = kind, text, start, end, None, spaced


def tokens(source):
    """The tokens without space and comments; brackets know their mate."""
    found, stack, place, spaced = [], [], 0, True
    while place < len(source):
        match = TOKEN.match(source, place)
        kind = match.lastgroup
        if kind != "space":
            token = Token(kind, match.group(), match.start(), match.end(), spaced)
            if kind == "mark" and token.text in OPEN:
                stack.append(len(found))
            elif kind == "mark" and token.text in CLOSE:
                token.mate = stack.pop()
                found[token.mate].mate = len(found)
            found.append(token)
        spaced = kind == "space"
        place = match.end()
    # So that a look ahead always finds something.
    found.extend(Token("end", ";", place, place, True) for _ in range(4))
    return found


def is_value_end(token):
    return token.kind in ("name", "number", "text") and token.text not in ENDS or token.text in (")", "]", "}", "?")


def left_end(found, at, stops):
    """The first token of the operand that ends before `at`; None where it cannot be told."""
    place = at - 1
    while True:
        token = found[place]
        if token.text in CLOSE and token.kind == "mark":
            if token.text == "}" and found[place + 1].text not in (".", "?") and place + 1 != at:
                return place + 1
            opened = token.mate
            if token.text == "}" and not (found[opened - 1].kind == "name" and found[opened - 1].text[0].isupper()):
                return None
            place = opened - 1
            if place < 0:
                return None
            continue
        if token.kind == "mark" and (token.text in OPEN or token.text in stops or token.text == "|") or token.text in ENDS:
            return place + 1
        place -= 1


def right_end(found, at, stops):
    """One past the last token of the operand that begins after `at`; None where it cannot be told."""
    if found[at + 1].text in ENDS or found[at + 1].text in ("unsafe", "|", "||", "move"):
        return None
    in_header = heads(found, at)
    place = at + 1
    while place < len(found):
        token = found[place]
        if token.kind == "mark" and token.text in OPEN:
            if token.text == "{" and (in_header or not found[place - 1].text[0].isupper()):
                return place
            place = token.mate + 1
            continue
        if token.kind == "mark" and (token.text in CLOSE or token.text in stops) or token.text in ENDS:
            return place
        place += 1
    return None


def heads(found, at):
    """Whether a token stands in the head of an `if`, `while` or `match`, where a brace begins the body."""
    place = at - 1
    while place >= 0:
        token = found[place]
        if token.kind == "mark" and token.text in CLOSE:
            if token.text == "}" and found[place + 1].text not in (".", "?", "==", "!="):
                return False
            place = token.mate - 1
            continue
        if token.kind == "mark" and (token.text in OPEN or token.text in (";", "=>")):
            return False
        if token.text in HEADERS:
            return True
        place -= 1
    return False


class Edit:
    """The text from start to end, cut into parts, and what is made of the parts."""

    def __init__(self, start, end, parts, make):
        self.start, self.end, self.parts, self.make = start, end, parts, make


def rendered(source, edits, start, end):
    """The text between, with the edits in it applied, inner ones first."""
    inside = [e for e in edits if start <= e.start and e.end <= end]
    inside.sort(key=lambda e: (e.start, -e.end))
    made, place = [], start
    outer_end = -1
    for number, edit in enumerate(inside):
        if edit.start < outer_end:
            continue
        outer_end = edit.end
        made.append(source[place : edit.start])
        own = [e for e in inside[number + 1 :] if e.end <= edit.end]
        made.append(edit.make(*[rendered(source, own, *part) for part in edit.parts]))
        place = edit.end
    made.append(source[place:end])
    return "".join(made)


class File:
    """One file and its mutants."""

    def __init__(self, name, source, first):
        self.name, self.source, self.next = name, source, first
        self.edits, self.mutants, self.alone = [], [], []
        tests = re.search(r"^#\[cfg\(test\)\]\nmod \w+ \{", source, re.M)
        self.end = tests.start() if tests else len(source)
        self.tokens = tokens(source)

    def number(self, token, kind, was, becomes):
        line_start = self.source.rfind("\n", 0, token.start) + 1
        line_end = self.source.find("\n", token.start)
        self.mutants.append({
            "number": self.next,
            "file": self.name,
            "line": self.source.count("\n", 0, token.start) + 1,
            "column": token.start - line_start,
            "kind": kind,
            "was": was,
            "is": becomes,
            "text": self.source[line_start:line_end].strip(),
        })
        self.next += 1
        return self.next - 1

    def edit(self, first, last, parts, make):
        """Tokens first to last, both included; parts are pairs of such places."""
        at = lambda pair: (self.tokens[pair[0]].start, self.tokens[pair[1]].end)
        start, end = at((first, last))
        self.edits.append(Edit(start, end, [at(part) for part in parts], make))

    def find(self):
        found = self.tokens
        place = 0
        while place < len(found) and found[place].start < self.end:
            token = found[place]
            if token.text == "use" or token.text == "#" and found[place + 1].text in ("[", "!"):
                place = self.skipped(place)
                continue
            if token.kind == "name" and found[place + 1].text == "{" and found[place + 2].text == "id" and found[place + 4].kind == "text":
                self.row(place)
                place = found[place + 1].mate + 1
                continue
            if token.text == "ROWS" or token.text.endswith("_ROWS"):
                self.swaps(place)
            self.token(place)
            place += 1

    def skipped(self, place):
        found = self.tokens
        if found[place].text == "use":
            while found[place].text != ";":
                place += 1
            return place + 1
        while found[place].text != "[":
            place += 1
        return found[place].mate + 1

    def token(self, place):
        found = self.tokens
        token, before, after = found[place], found[place - 1], found[place + 1]
        mark = token.kind == "mark"
        if mark and token.text in SWAPS and token.spaced and after.spaced and is_value_end(before):
            self.comparison(place)
        elif mark and token.text in ("==", "!="):
            self.binary(place, {"&&", "||"}, "comparison", "!=" if token.text == "==" else "==", lambda n, op: lambda a, b: f"(({a} {op} {b}) != crate::mutant::on({n}))")
        elif mark and token.text == "&&" and token.spaced and is_value_end(before):
            self.binary(place, {"||"}, "condition", "||", lambda n, _: lambda a, b: f"(if ({a}) != crate::mutant::on({n}) {{ {b} }} else {{ crate::mutant::on({n}) }})")
        elif mark and token.text == "||" and token.spaced and is_value_end(before):
            self.binary(place, set(), "condition", "&&", lambda n, _: lambda a, b: f"(if ({a}) == crate::mutant::on({n}) {{ {b} }} else {{ !crate::mutant::on({n}) }})")
        elif mark and token.text == "!" and (after.kind == "name" or after.text == "(") and not after.spaced and before.text not in ("&", "|", "^"):
            last = self.postfix(place + 1)
            n = self.number(token, "condition", "!", "(nothing)")
            self.edit(place, last, [(place + 1, last)], lambda a, n=n: f"(({a}) == crate::mutant::on({n}))")
        elif token.kind == "name" and token.text in METHODS and before.text == "." and after.text == "(":
            self.method(place)
        elif token.text == "Some" and after.text == "(" and found[place + 2].text in ("true", "false") and found[place + 3].text == ")":
            # A borrowed list of a constant lives for ever only as long as nothing is computed in it.
            if not self.is_pattern(place) and not self.is_borrowed_list(place):
                value = found[place + 2].text
                n = self.number(token, "condition", f"Some({value})", "its opposite")
                self.edit(place + 2, place + 2, [], lambda n=n, value=value: f"({value} != crate::mutant::on({n}))")
        elif token.kind == "number" and re.fullmatch(r"[\d_]+", token.text) and self.is_boundary(place):
            value = str(int(token.text.replace("_", "")) + 1)
            n = self.number(token, "boundary", token.text, value)
            self.edit(place, place, [], lambda n=n, a=token.text, b=value: f"(if crate::mutant::on({n}) {{ {b} }} else {{ {a} }})")
        elif token.kind == "name" and token.text in OTHERS and after.text == "::":
            other = OTHERS[token.text].get(found[place + 2].text)
            if other and not self.is_pattern(place):
                first = place
                while found[first - 1].text == "::":
                    first -= 2
                path = self.source[found[first].start : found[place + 1].end]
                n = self.number(token, "value", found[place + 2].text, other)
                was = path + found[place + 2].text
                self.edit(first, place + 2, [], lambda n=n, was=was, path=path, other=other: f"(if crate::mutant::on({n}) {{ {path}{other} }} else {{ {was} }})")

    def is_borrowed_list(self, place):
        """Whether it stands directly in `&[…]`."""
        found, at = self.tokens, place - 1
        while at > 0 and found[at].text != "[":
            if found[at].text in ("{", "}", ";"):
                return False
            at = found[at].mate - 1 if found[at].kind == "mark" and found[at].text in CLOSE else at - 1
        return found[at - 1].text == "&"

    def is_pattern(self, place):
        """Whether something stands in the pattern of a `let`, an arm or `matches!`."""
        found = self.tokens
        opened, at = self.opened(place), place - 1
        while at > 0:
            text = found[at].text
            if at == opened:
                if text == "{":
                    break
                if found[at - 1].text == "matches!":
                    return True
                opened = self.opened(at)
            elif text == "let":
                return True
            elif text in ("if", "=", "while", ";", "=>") or text == "," and opened is not None and found[opened].text == "{":
                if text in ("if", "while", "="):
                    return False
                break
            elif found[at].kind == "mark" and text in CLOSE:
                at = found[at].mate
            at -= 1
        opened, at = self.opened(place), place + 1
        while at < len(found):
            text = found[at].text
            if text == "=>":
                return True
            if text in ("{", "}", ";") or text == "," and opened is not None and found[opened].text == "{":
                return False
            if found[at].kind == "mark" and text in OPEN:
                at = found[at].mate
            elif found[at].kind == "mark" and text in CLOSE:
                opened = self.opened(found[at].mate)
            at += 1
        return False

    def opened(self, place):
        """The bracket that a token stands in."""
        at = place - 1
        while at >= 0:
            token = self.tokens[at]
            if token.kind == "mark" and token.text in OPEN:
                return at
            at = token.mate - 1 if token.kind == "mark" and token.text in CLOSE else at - 1
        return None

    def is_boundary(self, place):
        found = self.tokens
        before, after = found[place - 1], found[place + 1]
        unit = before.text == "(" and found[place - 2].text in ("hours", "days", "weeks", "minutes", "months", "within")
        compared = before.text in ("<", "<=", ">", ">=", "==") and before.spaced
        ranged = (before.text in ("..", "..=") or after.text in ("..", "..=")) and not self.is_pattern(place)
        at, constant = place, False
        while at > 0 and found[at].text not in (";", "{", "}") or found[at].text == ";" and found[at + 1].kind == "number":
            if found[at].text in ("const", "static") and found[at + 1].text.isupper():
                equals = next(i for i in range(at, place) if found[i].text == "=") if any(found[i].text == "=" for i in range(at, place)) else None
                constant = equals is not None
                break
            at -= 1
        return unit or compared or ranged or constant

    def postfix(self, place):
        found = self.tokens
        place = found[place].mate if found[place].text == "(" else place
        while True:
            after = found[place + 1]
            if after.text in ("(", "[") and not after.spaced:
                place = after.mate
            elif after.text in (".", "::"):
                place += 2
            elif after.text == "?":
                place += 1
            else:
                return place

    def binary(self, place, stops, kind, other, make):
        found = self.tokens
        first = self.after_let(left_end(found, place, stops), place)
        after = right_end(found, place, stops | {"&&", "||"} if found[place].text != "||" else {"||"})
        if first is None or after is None or first >= place or after <= place + 1:
            self.alone.append((place, kind))
            return
        n = self.number(found[place], kind, found[place].text, other)
        self.edit(first, after - 1, [(first, place - 1), (place + 1, after - 1)], make(n, found[place].text))

    def after_let(self, first, place):
        """In `if let … = a && b && c` the operands begin after `a`."""
        found = self.tokens
        if first is None or found[first - 1].text != "=":
            return first
        at = first - 2
        while at >= 0 and found[at].text not in ("let", ";", "{"):
            at = found[at].mate - 1 if found[at].kind == "mark" and found[at].text in CLOSE else at - 1
        if found[at].text != "let" or found[place].text not in ("&&", "||") or found[at - 1].text not in ("if", "&&", "while"):
            return first
        while first < place and found[first].text != "&&":
            first = found[first].mate + 1 if found[first].kind == "mark" and found[first].text in OPEN else first + 1
        return first + 1 if first < place else None

    def comparison(self, place):
        other = SWAPS[self.tokens[place].text]
        own = self.tokens[place].text
        self.binary(place, {"&&", "||"}, "comparison", other, lambda n, _: lambda a, b: f"(if crate::mutant::on({n}) {{ ({a}) {other} {b} }} else {{ ({a}) {own} {b} }})")

    def method(self, place):
        found = self.tokens
        own, empty = found[place].text, found[place + 2].text == ")"
        if own in ("is_some", "is_none") and not empty:
            return
        name = {"min": "least", "max": "most"}[own] if own in ("min", "max") and empty else own
        n = self.number(found[place], "extreme" if "m" == own[0] else "condition", own, METHODS[own])
        self.edit(place, place + 1, [], lambda: f"{name}_m({n}" + ("" if empty else ", "))

    def swaps(self, place):
        """Neighbours of a table change places."""
        found = self.tokens
        if found[place - 1].text != "static":
            return
        opened = next(i for i in range(place, len(found)) if found[i].text == "=") + 1
        parts = self.listed(opened)
        first = self.next
        for one, two in zip(parts, parts[1:]):
            told = lambda part: self.source[found[part[0]].start : found[part[1]].end].split(",")[0][:60]
            self.number(found[one[0]], "swap", told(one), "after " + told(two))
        self.next += 1
        self.edit(opened, found[opened].mate, [(opened, found[opened].mate)], lambda a: f"crate::mutant::swapped({first}, {a})")

    def listed(self, opened):
        """The parts of a bracketed list as pairs of places."""
        found, parts, first = self.tokens, [], opened + 1
        place, end = first, found[opened].mate
        while place < end:
            if found[place].text == ",":
                parts.append((first, place - 1))
                first = place + 1
            elif found[place].kind == "mark" and found[place].text in OPEN:
                place = found[place].mate
            place += 1
        if first < end:
            parts.append((first, end - 1))
        return parts

    def row(self, place):
        """A row: one text for each thing that is changed in it."""
        found, source = self.tokens, self.source
        opened, closed = place + 1, found[place + 1].mate
        start, end = found[place].start, found[closed].end
        told = source[found[opened + 3].start : found[opened + 3].end].strip('"')
        variants = []

        def variant(token, kind, was, becomes, cut_from, cut_to, text):
            n = self.number(token, kind, was, becomes)
            variants.append((n, source[start:cut_from] + text + source[cut_to:end]))

        row_id = found[opened + 3]
        variant(found[place], "row", told, "left out", row_id.start, row_id.end, '"gone"')
        for field in self.listed(opened):
            name = found[field[0]].text
            inner = range(field[0] + 2, field[1] + 1)
            if name == "when":
                for at in inner:
                    if found[at].text == "[" and found[at - 1].text == "&":
                        for part in self.listed(at):
                            follows = found[part[1] + 1]
                            cut = follows.end if follows.text == "," else found[part[1]].end
                            was = source[found[part[0]].start : found[part[1]].end]
                            variant(found[part[0]], "row", was, "dropped", found[part[0]].start, cut, "")
            for at in inner:
                token = found[at]
                if name == "statements" and token.kind == "text":
                    other = '"G-%02d"' % (int(token.text[3:5]) + 1)
                    variant(token, "statement", token.text, other, token.start, token.end, other)
                elif name == "statements":
                    continue
                elif name == "code" and at == field[1]:
                    other = "SinsNotRecorded" if token.text != "SinsNotRecorded" else "MesccQuestion"
                    variant(token, "value", token.text, other, token.start, token.end, other)
                elif name == "indicator" and token.text in OTHERS["Indicator"]:
                    other = OTHERS["Indicator"][token.text]
                    full = other if found[at - 1].text == "::" else "crate::guideline::advice::Indicator::" + other
                    variant(token, "value", token.text, other, token.start, token.end, full)
                elif token.text in ("true", "false"):
                    other = "false" if token.text == "true" else "true"
                    variant(token, "value", token.text, other, token.start, token.end, other)
                elif name == "gives" and token.text in GIVEN:
                    variant(token, "value", token.text, GIVEN[token.text], token.start, token.end, GIVEN[token.text])
                elif name == "gives" and token.text == "Some":
                    variant(token, "value", "Some", "None", token.start, found[found[at + 1].mate].end, "None")
        arms = "".join(f"{n} => {leaked(text)}, " for n, text in variants)
        self.edits.append(Edit(start, end, [], lambda: f"match crate::mutant::number() {{ {arms}_ => {leaked(source[start:end])} }}"))


def leaked(row):
    """A row whose conditions may call functions."""
    start = row.index("when: &[") + len("when: ")
    depth, at = 0, start + 1
    while depth or at == start + 1:
        depth += {"[": 1, "]": -1}.get(row[at], 0)
        at += 1
    return f"{row[:start]}Vec::leak(vec!{row[start + 1 : at]}){row[at:]}"


# A value that a row gives, and another of its kind.
GIVEN = {
    "HOURS_12": "HOURS_24", "HOURS_24": "HOURS_48", "HOURS_48": "WEEK", "WEEK": "WEEKS_2", "WEEKS_2": "WEEK", "NO_WINDOW": "WEEKS_2",
    "SpineSurgery": "Mdt", "Mdt": "SpineSurgery", "Orthopaedic": "Mdt", "RadiationOncology": "Mdt",
    "ASK_THE_TEAM": "Offer::Nothing", "Nothing": "InStabilityCard",
}

DEFINITION = re.compile(r"^(?P<vis>pub(?:\([^)]*\))? )?(?:static|const) (?P<name>[A-Z][A-Z_0-9]*): (?P<type>[^=]+?) =\s", re.M)


def definitions(source, end):
    """The constants of a file that become functions: name, and where they stand."""
    for match in DEFINITION.finditer(source, 0, end):
        if not match.group("type").startswith("&") and "LazyLock" not in match.group("type"):
            yield match


def with_functions(name, source, converted, own):
    """The constants as functions, and each use of one as a call."""
    made, place = [], 0
    found = tokens(source)
    tests = re.search(r"^#\[cfg\(test\)\]\nmod \w+ \{", source, re.M)
    end = tests.start() if tests else len(source)
    starts = {match.start("name"): match for match in definitions(source, end)} if own else {}
    shadowed = {m.group("name") for m in DEFINITION.finditer(source)} - {m.group("name") for m in starts.values()}
    shadowed |= set(re.findall(r"^    +(?:pub )?(?:static|const) ([A-Z_0-9]+):", source, re.M))
    at, closes, named = 0, {}, {}
    while at < len(found):
        token = found[at]
        if at in named:
            made.append(source[place : token.start] + "".join(f", {one}_ = *{one}()" for one in named[at]))
            place = token.start
        if token.text == "use" and token.spaced:
            while found[at].text != ";":
                at += 1
        elif token.kind == "text" and set(re.findall(r"\{([A-Z][A-Z_0-9]*)", token.text)) & converted:
            # A format names a constant: it becomes an argument of the same call.
            inner = sorted(set(re.findall(r"\{([A-Z][A-Z_0-9]*)", token.text)) & converted)
            made.append(source[place : token.start] + re.sub(r"\{(" + "|".join(inner) + r")\b", r"{\1_", token.text))
            place = token.end
            opened = at - 1
            while found[opened].text not in OPEN:
                opened = found[opened].mate - 1 if found[opened].text in CLOSE else opened - 1
            last = found[opened].mate
            named[last - 1 if found[last - 1].text == "," else last] = inner
        elif own and token.text == "const" and found[at + 1].text == "fn":
            made.append(source[place : token.start])
            place = found[at + 1].start
        elif token.text in ("static", "const") and found[at + 1].start in starts:
            match = starts[found[at + 1].start]
            kind = re.sub(r"&(?!')", "&'static ", match.group("type"))
            equals = next(i for i in range(at, len(found)) if found[i].text == "=")
            last = equals
            while found[last].text != ";":
                last = found[last].mate + 1 if found[last].kind == "mark" and found[last].text in OPEN else last + 1
            made.append(source[place : token.start])
            made.append(f"fn {match.group('name')}() -> &'static {kind} {{ static VALUE: std::sync::LazyLock<{kind}> = std::sync::LazyLock::new(|| ")
            place = found[equals].end
            closes[last] = True
            at = equals
        elif at in closes:
            made.append(source[place : token.start] + "); &VALUE }")
            place = token.end
        elif token.kind == "name" and token.text in converted and not (token.text in shadowed and found[at - 1].text != "::"):
            first = at
            while found[first - 1].text == "::" and found[first - 2].text[0].islower():
                first -= 2
            if found[first - 1].text != "::" and found[at + 1].text != ":":
                made.append(source[place : found[first].start] + f"(*{source[found[first].start:token.end]}())")
                place = token.end
        at += 1
    made.append(source[place:])
    return "".join(made)
