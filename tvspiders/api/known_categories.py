"""Known categories: enough to find a typing error without a request.

Numbers, slugs and names are recorded (2015 to 2021, incomplete); the number of
``hobby`` is in no recording. A slug that is not here may still exist: one that resembles none of
these is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Known(NamedTuple):
    """A known category."""

    slug: str
    id: int | None
    name: str
    parent: str | None
    """Slug of the category above; ``None`` for a root."""


_TREE = """
3d-printing 73 3D Printing
  3d-printer-accessories 127 3D Printer Accessories
  3d-printer-extruders 152 3D Printer Extruders
  3d-printing-tests 129 3D Printing Tests
art 63 Art
  2d-art 144 2D Art
  art-tools 75 Art Tools
  coins-and-badges 143 Coins & Badges
  interactive-art 78 Interactive Art
  math-art 79 Math Art
  scans-and-replicas 145 Scans & Replicas
  sculptures 80 Sculptures
  signs-and-logos 76 Signs & Logos
fashion 64 Fashion
  accessories 81 Accessories
  bracelets 82 Bracelets
  costume 142 Costume
  earrings 139 Earrings
  jewelry 84 Jewelry
  keychains 130 Keychains
  rings 85 Rings
gadgets 65 Gadgets
  audio 141 Audio
  mobile-phone 88 Mobile Phone
  video-games 91 Video Games
hobby - Hobby
  automotive 155 Automotive
  diy 93 DIY
  electronics 92 Electronics
  music 94 Music
  rc-vehicles 95 R/C Vehicles
  robotics 96 Robotics
  sports-and-outdoors 140 Sport & Outdoors
household 67 Household
  bathroom 147 Bathroom
  containers 146 Containers
  decor 97 Decor
  kitchen-and-dining 100 Kitchen & Dining
  office 101 Office
  organization 102 Organization
  outdoor-and-garden 98 Outdoor & Garden
  replacement-parts 153 Replacement Parts
learning 69 Learning
  biology 106 Biology
  engineering 104 Engineering
models 70 Models
  animals 107 Animals
  buildings-and-structures 108 Buildings & Structures
  creatures 109 Creatures
  food-and-drink 110 Food & Drink
  model-furniture 111 Model Furniture
  model-robots 115 Model Robots
  people 112 People
  props 114 Props
  vehicles 116 Vehicles
other 0 Other
tools 71 Tools
  hand-tools 118 Hand Tools
  parts 119 Parts
  tool-holders-and-boxes 120 Tool Holders & Boxes
toys-and-games 72 Toys & Games
  chess 151 Chess
  construction-toys 121 Construction Toys
  games 123 Games
  mechanical-toys 124 Mechanical Toys
  playsets 113 Playsets
  puzzles 125 Puzzles
  toy-and-game-accessories 149 Toy & Game Accessories
"""


def _read(tree: str) -> Iterable[Known]:
    root: str | None = None
    for line in filter(None, tree.splitlines()):
        slug, number, name = line.split(maxsplit=2)
        inside = line.startswith(" ")
        root = root if inside else slug
        yield Known(slug, None if number == "-" else int(number), name, root if inside else None)


NEAR = 0.8
"""Likeness to a known slug or name (``difflib``) from which on a text is taken for a typing error."""
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)

KNOWN = {known.slug: known for known in _read(_TREE)}
"""By slug, roots before what is below them."""

_BY_ID = {known.id: known.slug for known in KNOWN.values() if known.id is not None}
_BY_NAME = {known.name.casefold(): known.slug for known in KNOWN.values()}


def slug_for(text: str) -> str:
    """The slug that is meant by a slug, a name or a number.

    A text that is written as slugs are and resembles no known one is taken for a category that is newer than
    this list; ``slug:`` before a text takes it in any case.

    Raises:
        ValueError: for an unknown number, and for a text that is no slug, or nearly a known one.

    >>> slug_for("67"), slug_for("Kitchen & Dining"), slug_for("slug:houshold"), slug_for("drones")
    ('household', 'kitchen-and-dining', 'houshold', 'drones')
    """
    given = text.strip()
    if given.lower().startswith("slug:") and given[5:].strip():
        return given[5:].strip()
    if given.isascii() and given.isdigit():
        if int(given) in _BY_ID:
            return _BY_ID[int(given)]
        raise ValueError(f"no known category has the number {given}; scrapy crawl categories lists all")
    folded = given.casefold()
    if folded in KNOWN:
        return folded
    if folded in _BY_NAME:
        return _BY_NAME[folded]
    if _SLUG.fullmatch(given) and not _nearly_known(given):
        return given
    near = ", ".join(closest(folded, cutoff=0.0))
    raise ValueError(f"unknown category; the closest are: {near} (slug:{given} asks for it all the same)")


def _nearly_known(slug: str) -> bool:
    """Whether somebody may have meant a known category: a typing error, or a word of its slug."""
    return bool(closest(slug, cutoff=NEAR)) or any(slug in known.split("-") for known in KNOWN)


def closest(text: str, cutoff: float = 0.6) -> list[str]:
    """Slugs that a text resembles, by slug or by name, the closest first; at most three."""
    candidates = dict.fromkeys(KNOWN) | _BY_NAME
    found = get_close_matches(text.casefold(), list(candidates), n=6, cutoff=cutoff)
    return list(dict.fromkeys(candidates[match] or match for match in found))[:3]
