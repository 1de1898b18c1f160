"""Sentences of a page have twenty words or fewer on average: ``python -m tests.docs.test_sentences``."""

from __future__ import annotations

import re

import pytest

from tests.support.reading import ROOT

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")),
]
MOST = 20
END_OF_SENTENCE = re.compile(r"(?<=[.!?])[\"')*]*\s+(?=[\"'(*]*[A-Z`0-9ß-ÿ\[])")


def sentences(text: str) -> list[str]:
    """Sentences of paragraphs and lists; headings, tables, code and comments are left out.

    >>> sentences("# A\\n\\nOne `code block. X` two. Three\\nfour?\\n\\n- Five:\\n- six.\\n\\n| a. B |\\n")
    ['One X two.', 'Three four?', 'Five:', 'six.']
    """
    text = re.sub(r"(?ms)^ *```.*?^ *```$|<!--.*?-->", "\n\n", text)
    text = re.sub(r"(?m)^(?:#.*|\|.*| {4,}(?![-*\w]).*)$", "", text)
    text = re.sub(r"`[^`]*`", "X", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    blocks = re.split(r"\n\s*\n|\n *(?:[-*]|\d+\.) ", "\n" + text)
    found = []
    for block in blocks:
        plain = " ".join(re.sub(r"^ *(?:[-*]|\d+\.) ", "", block).split())
        found += [sentence for sentence in END_OF_SENTENCE.split(plain) if re.search(r"\w", sentence)]
    return found


def average(page: str) -> float:
    """Words of a sentence of the page."""
    lengths = [len(sentence.split()) for sentence in sentences((ROOT / page).read_text("utf-8"))]
    return sum(lengths) / len(lengths) if lengths else 0.0


@pytest.mark.parametrize("page", PAGES)
def test_sentences_of_a_page_are_short(page):
    assert average(page) <= MOST, "split the longest: one idea a sentence"


if __name__ == "__main__":
    for name in sorted(PAGES, key=average, reverse=True):
        print(f"{average(name):5.1f} {len(sentences((ROOT / name).read_text('utf-8'))):4} {name}")
