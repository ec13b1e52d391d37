"""Lists of learners for tests: as many good lines as wanted, and lines with something the matter, one a kind."""

from __future__ import annotations

from courseware.people.rolls.lines import BAD
from courseware.people.uln import check_digit

HEADER = "Full name,E-mail,ULN"
PUBLISHED = "9276308686"
# What stands in a line of each kind; `{n}` makes it another line each time.
FAULTY = {
    "quote": '"Opens Here {n},open{n}@example.org,',
    "long": "Long {n},long{n}@example.org,," + "x" * 5000,
    "wide": "Okafor, Maya {n},maya{n}@example.org,",
    "headings": "Full name,E-mail,ULN",
    "broken": '"Two\nLines {n}",two{n}@example.org,',
    "control": "Bell\x07 {n},bell{n}@example.org,",
    "turning": "Turn\u202e {n},turn{n}@example.org,",
    "garbled": "Si\ufffdn {n},sian{n}@example.org,",
    "formula": "=A{n},formula{n}@example.org,",
    "error": "#N/A,error{n}@example.org,",
    "swapped": "swap{n}@example.org,Swap {n},",
    "no_name": ",noname{n}@example.org,",
    "name_long": "x" * 121 + " {n},namelong{n}@example.org,",
    "name_letters": "{n}!,letters{n}@example.org,",
    "name_address": "a{n}@example.org,b{n}@example.org,",
    "no_email": "No Mail {n},,",
    "two_addresses": "Two {n},a{n}@example.org; b{n}@example.org,",
    "email_space": "Space {n},sp ace{n}@example.org,",
    "email_long": "Far {n}," + "x" * 65 + "{n}@example.org,",
    "email_at": "No At {n},noat{n}.example.org,",
    "email_domain": "No Dot {n},nodot{n}@example,",
    "email_form": "Odd {n},odd..{n}@example.org,",
    "uln_rounded": "Round {n},round{n}@example.org,9.27631E+09",
    "uln_letters": "Letters {n},ulnletters{n}@example.org,92763O8686",
    "uln_length": "Short {n},short{n}@example.org,927630868",
    "uln_zero": "Zero {n},zero{n}@example.org,0276308686",
    "uln_unknown": "Unknown {n},unknown{n}@example.org,9999999999",
    "uln_checksum": "Sum {n},sum{n}@example.org,9276308687",
}
BESIDE = {
    "repeated": ("Same {n},same{n}@example.org,", 1),
    "two_names": ("One {n},names{n}@example.org,\nAnother {n},names{n}@example.org,", 2),
}
# The kinds of BAD that need a centre that knows something, or a second number, are tried one by one.
APART = {"two_ulns", "uln_shared", "uln_taken", "uln_differs", "left", "not_learner", "elsewhere"}
assert set(FAULTY) | set(BESIDE) | APART == set(BAD)


def uln(number: int) -> str:
    """The ULN with the `number`-th nine digits that have one."""
    nine = 100_000_000 + number * 7
    while not check_digit(str(nine)):
        nine += 1
    return f"{nine}{check_digit(str(nine))}"


def good(number: int) -> str:
    """A line with nothing the matter; every third has a ULN."""
    number_ = uln(number) if number % 3 == 0 else ""
    return f"Learner Number {number},learner{number}@example.org,{number_}"


def listed(lines: int, bad: int, kinds: int = 20) -> tuple[str, dict[str, int]]:
    """A list of so many lines with headings, `bad` of them of `kinds` kinds spread over it, and how many of each.

    Of kinds that fit on one line only, so that lines and rows are the same.
    """
    used = [kind for kind in FAULTY if kind not in ("broken", "headings")][:kinds]
    assert len(used) == kinds
    every = lines // bad
    text, counts = [HEADER], dict.fromkeys(used, 0)
    for number in range(lines):
        kind = used[number // every % kinds] if number % every == 0 and sum(counts.values()) < bad else ""
        if kind:
            counts[kind] += 1
            text.append(FAULTY[kind].replace("{n}", str(number)))
        else:
            text.append(good(number))
    return "\n".join(text) + "\n", counts
