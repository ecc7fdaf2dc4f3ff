"""The rules by which a defect is planted: what may be changed in one line of Swift or C, and how the line is rewritten so
that the defect waits behind a number.

A line is taken where it is whole by itself: a declaration with a value, an assignment, a return, a condition, a lone
expression, an argument on a line of its own. Its expression E becomes `mutant_is(n) != 0 ? (E') : (E)`, an assignment or a
call becomes `if mutant_is(n) != 0 { S' } else { S }`, so one build holds all defects and the environment picks one.
"""

import re
from dataclasses import dataclass

EXCHANGED = [
    (" + ", " - "), (" - ", " + "), (" * ", " / "), (" / ", " * "), (" &+ ", " &- "), (" % ", " / "),
    (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "), (" != ", " == "),
    (" && ", " || "), (" || ", " && "),
]
WORDS = [
    (r"\bmax\(", "min("), (r"\bmin\(", "max("), (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"(?<![\w.])(?:sqrt|log|exp|abs)\(", "("), (r"\.squareRoot\(\)", ""), (r"\.first\b", ".last"), (r"\.last\b", ".first"),
]
OPENING, CLOSING = "([{", ")]}"


@dataclass
class Defect:
    """One change of one line."""

    file: str
    line: int  # from 0
    rule: str
    changed: str  # the line as the defect makes it, for people
    planted: str  # the line with both, `NUMBER` standing for the defect's number


def masked(line: str) -> str:
    """The line with the text of strings and comments blanked, equally long."""
    out, quoted, i = [], False, 0
    while i < len(line):
        c = line[i]
        if quoted and c == "\\":
            out.append("__")
            i += 2
            continue
        if c == '"':
            quoted = not quoted
            out.append('"')
        elif not quoted and line.startswith("//", i):
            out.append(" " * (len(line) - i))
            break
        else:
            out.append("_" if quoted else c)
        i += 1
    return "".join(out)[: len(line)]


def balanced(text: str) -> bool:
    """Whether every bracket opened in the text is closed in it, in order."""
    stack = []
    for c in text:
        if c in OPENING:
            stack.append(c)
        elif c in CLOSING:
            if not stack or OPENING.index(stack.pop()) != CLOSING.index(c):
                return False
    return not stack


def pieces_at_top(mask: str, separators: tuple[str, ...]) -> list[int]:
    """Where separators stand outside all brackets."""
    depth, places = 0, []
    for i, c in enumerate(mask):
        depth += (c in OPENING) - (c in CLOSING)
        if depth == 0 and any(mask.startswith(s, i) for s in separators):
            places.append(i)
    return places


def argument_swaps(text: str, mask: str):
    """The expression with the values of two neighbouring arguments exchanged, labels left where they are."""
    for call in re.finditer(r"\w\(", mask):
        start, depth, commas, end = call.end(), 1, [], None
        for i in range(start, len(mask)):
            depth += (mask[i] in OPENING) - (mask[i] in CLOSING)
            if depth == 0:
                end = i
                break
            if depth == 1 and mask[i] == ",":
                commas.append(i)
        if end is None or not commas:
            continue
        bounds = [start, *[c + 1 for c in commas], end + 1]
        arguments = []
        for a, b in zip(bounds, bounds[1:]):
            label = re.match(r"\s*(?:\w+: )?", text[a : b - 1]).end()
            arguments.append((a + label, b - 1))
        for (a, b), (c, d) in zip(arguments, arguments[1:]):
            labelled = [text[place - 2 : place] == ": " for place in (a, c)]
            if text[a:b] != text[c:d] and labelled[0] == labelled[1] and not re.search(r'[{"&]', mask[a:d]):
                yield "swapped arguments", text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def changed_expressions(text: str):
    """(rule, expression with the defect) of an expression."""
    mask = masked(text)
    for old, new in EXCHANGED:
        rule = "comparison" if old.strip() in "< <= > >= == !=".split() else "operator"
        for i in (m.start() for m in re.finditer(re.escape(old), mask)):
            yield rule, text[:i] + new + text[i + len(old) :]
    for pattern, new in WORDS:
        for m in re.finditer(pattern, mask):
            yield "other function", text[: m.start()] + new + text[m.end() :]
    for m in re.finditer(r"(?<![\w.$])\d+(?![\w.])", mask):
        yield "off by one", text[: m.start()] + str(int(m[0]) + 1) + text[m.end() :]
    for m in re.finditer(r"(?<![\w.$])\d+\.\d+(?![\w.])", mask):
        yield "other constant", text[: m.start()] + repr(2 * float(m[0]) or 1.0) + text[m.end() :]
    comparisons = pieces_at_top(mask, (" < ", " <= ", " > ", " >= ", " == ", " != ", " && ", " || ", " ? ", " ?? "))
    if not comparisons:
        for separators in ((" + ", " - "), (" * ", " / ")):
            places = pieces_at_top(mask, separators)
            if places and not (separators[0] == " * " and pieces_at_top(mask, (" + ", " - "))):
                yield "dropped term", text[: places[-1]]
                if mask[places[0] : places[0] + 3] in (" + ", " * "):
                    yield "dropped term", text[places[0] + 3 :]
    yield from argument_swaps(text, mask)


def changed_conditions(text: str):
    """(rule, condition with the defect) of a condition."""
    yield from changed_expressions(text)
    yield "missing branch", "true"
    yield "missing branch", "false"
    if text.startswith("!") and " " not in text:
        yield "comparison", text[1:]


def effects(text: str) -> tuple[str, str]:
    """`try` and `await` in front, which go before the whole choice, and the rest."""
    m = re.match(r"(?:(?:try[?!]?|await) )*", text)
    return m[0], text[m.end() :]


NOT_A_STATEMENT = re.compile(
    r"(?:import|case|default|func|struct|enum|extension|public|private|package|fileprivate|protocol|init|subscript|"
    r"precondition|assert|fatalError|throw|break|continue|else|do|switch|defer|static|final|class|typealias|mutating|@|#|\}|\{|"
    r"\.|let|var|if|guard|while|for|return|where|associatedtype|indirect|override|try\?|catch|print|\"|&|\||\+|-|\?|:)")
DECLARATION = re.compile(
    r"((?:(?:public|private|package|fileprivate|static|package\(set\)|lazy) )*(?:let|var) \w+(?:: [\w<>\[\].?: ]+)? = )(.+)$")
ONE_LINE_BODY = re.compile(r"((?:.*\) (?:throws(?:\(\w+\))? )?(?:-> \S.*? )?|(?:.* )?var \w+: \S.*? )\{ )(.+)( \})$")


def choice(before: str, expression: str, changed: str, after: str) -> str:
    front, rest = effects(expression)
    changed = changed[len(front) :] if changed.startswith(front) else changed
    return f"{before}{front}(mutant_is(NUMBER) != 0 ? ({changed}) : ({rest})){after}"


def defects_of_swift_line(line: str, before: str, after: str):
    """(rule, changed line, planted line) for one line of Swift between its neighbours."""
    indent = re.match(r"\s*", line)[0]
    text = line.strip()
    mask = masked(text)
    code = mask.rstrip()
    text = text[: len(code)]
    if not code or '"""' in code:
        return
    follower = after.strip()
    if re.match(r"(?:\.\w|\?|:|\+|-|\*|/|&&|\|\||\?\?|==|<|>|else \{)", follower):
        return

    def expression(head, body, tail, rules=changed_expressions):
        for rule, changed in rules(body):
            yield rule, indent + head + changed + tail, indent + choice(head, body, changed, tail)

    m = re.match(r"(if |while |guard |\} else if )(.+?)( else \{| \{)(.*)$", text)
    if m and balanced(mask[m.start(2) : m.end(2)]):
        condition = mask[m.start(2) : m.end(2)]
        if not re.search(r"\blet\b|\bcase\b|\bvar\b|#|\{", condition) and not pieces_at_top(condition, (",",)):
            yield from expression(m[1], m[2], m[3] + m[4], changed_conditions)
        return
    if m := re.match(r"(for \w+ in )(.+)( (?:where .+ )?\{)$", text):
        body = m[2]
        for rule, changed in changed_expressions(body):
            if rule == "off by one" and balanced(body):
                yield rule, indent + m[1] + changed + m[3], indent + choice(m[1], body, changed, m[3])
        if n := re.match(r"(.+)\.\.<([\w.]+)$", body):
            changed = f"{n[1]}..<({n[2]} - 1)"
            yield "off by one", indent + m[1] + changed + m[3], indent + choice(m[1], body, changed, m[3])
        return
    if not balanced(code):
        return
    if m := ONE_LINE_BODY.match(text):
        if "{" not in m[2] and not re.match(r"(?:get|set|return|throw|_ =|self|if|switch)\b", m[2]) and " = " not in m[2]:
            yield from expression(m[1], m[2], m[3])
        return
    if m := DECLARATION.match(text):
        if "{" not in mask[m.start(2) :] and not m[2].startswith(("if ", "switch ")):
            yield from expression(m[1], m[2], "")
        return
    if m := re.match(r"return (.+)$", text):
        yield from expression("return ", m[1], "")
        return
    previous = masked(before).strip()
    continues = previous.endswith(("(", "[", ",", "=", "+", "-", "*", "/", "&&", "||", "->", "?", ":", "{ $0"))
    if m := re.match(r"(\w+: )(.+?)(,|\))?$", text):
        body = mask[m.start(2) : m.end(2)]
        if previous.endswith(("(", ",")) and balanced(body) and " = " not in body and not pieces_at_top(body, (",",)):
            yield from expression(m[1], m[2], m[3] or "")
        return
    if continues or NOT_A_STATEMENT.match(text) or "{" in code:
        return
    if m := re.match(r"([\w.\[\]!, +*()&]+?) (=|\+=|-=|\*=|/=) (.+)$", text):
        changes = [(rule, f"{m[1]} {m[2]} {changed}") for rule, changed in changed_expressions(m[3])]
        other = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="}.get(m[2])
        if other:
            changes.append(("operator", f"{m[1]} {other} {m[3]}"))
            changes.append(("dropped statement", ""))
        elif m[1].startswith(("state.", "self.")) or "[" in m[1]:
            changes.append(("dropped statement", ""))
        for rule, changed in changes:
            yield rule, indent + changed, f"{indent}if mutant_is(NUMBER) != 0 {{ {changed} }} else {{ {text} }}"
        return
    if re.match(r"(?:try )?(?:await )?[\w.]+(?:<\w+>)?\(.*\)$", text):
        yield "dropped statement", indent, f"{indent}if mutant_is(NUMBER) == 0 {{ {text} }}"
    yield from expression("", text, "")


def defects_of_c_line(line: str, before: str, after: str):
    """(rule, changed line, planted line) for one line of C."""
    indent = re.match(r"\s*", line)[0]
    text = line.strip()
    code = masked(text).rstrip()
    text = text[: len(code)]
    if not code or code.startswith(("#", "/*", "*", "static const", "typedef", "extern")) or line.rstrip().endswith("\\"):
        return
    if m := re.match(r"((?:if|while) \()(.+)(\) ?(?:\{|return.*;|continue;|break;|[\w\[\].>-]+ \S*= .*;|))$", text):
        if balanced(m[2]):
            for rule, changed in [*changed_expressions(m[2]), ("missing branch", "1"), ("missing branch", "0")]:
                yield rule, indent + m[1] + changed + m[3], indent + choice(m[1], m[2], changed, m[3])
        return
    if not text.endswith(";") or not balanced(code) or "{" in code or "for (" in code:
        return
    if previous_continues(before):
        return
    if m := re.match(r"return (.+);$", text):
        for rule, changed in changed_expressions(m[1]):
            yield rule, f"{indent}return {changed};", indent + choice("return ", m[1], changed, ";")
    elif m := re.match(r"((?:const )?[\w*]+(?: const)?(?: \*?const)? \*?\w+ = )([^,]+|.*\(.*\).*);$", text):
        for rule, changed in changed_expressions(m[2]):
            yield rule, indent + m[1] + changed + ";", indent + choice(m[1], m[2], changed, ";")
    elif m := re.match(r"([\w.\[\]>* +()-]+?) (=|\+=|-=|\*=|/=) (.+);$", text):
        changes = [(rule, f"{m[1]} {m[2]} {changed};") for rule, changed in changed_expressions(m[3])]
        changes.append(("dropped statement", ";"))
        for rule, changed in changes:
            yield rule, indent + changed, f"{indent}if (mutant_is(NUMBER)) {{ {changed} }} else {{ {text} }}"
    elif re.match(r"\w+\(.*\);$", text):
        yield "dropped statement", indent, f"{indent}if (!mutant_is(NUMBER)) {{ {text} }}"
        for rule, changed in changed_expressions(text[:-1]):
            yield rule, f"{indent}{changed};", f"{indent}if (mutant_is(NUMBER)) {{ {changed}; }} else {{ {text} }}"


def previous_continues(before: str) -> bool:
    code = masked(before).strip()
    return bool(code) and not code.endswith((";", "{", "}", ":", ")", "*/")) and not code.startswith(("#", "//"))


def defects_of(file: str, source: str) -> list[Defect]:
    """All defects that the rules know for a file, at most a few a line."""
    lines = source.split("\n")
    of_line = defects_of_swift_line if file.endswith(".swift") else defects_of_c_line
    found, in_text, in_comment = [], False, False
    for i, line in enumerate(lines):
        if line.count('"""') % 2:
            in_text = not in_text
            continue
        if "/*" in line and "*/" not in line:
            in_comment = True
        if in_text or in_comment or line.strip().startswith("//"):
            in_comment = in_comment and "*/" not in line
            continue
        before = lines[i - 1] if i else ""
        after = lines[i + 1] if i + 1 < len(lines) else ""
        for rule, changed, planted in of_line(line, before, after):
            found.append(Defect(file, i, rule, changed.strip(), planted))
    return found
