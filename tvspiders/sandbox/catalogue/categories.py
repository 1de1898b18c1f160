"""The categories of Thingiverse: real ids, slugs and names, a generated share each.

The share is per mille of all things. A root keeps a small share of its own;
``other`` has the id 0, which is why an id is never tested for truth.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """One category; ``parent`` is the slug of its root, or None for a root."""

    id: int
    slug: str
    name: str
    parent: str | None
    weight: int


# The id of "hobby" is in no recording; 66 is the gap in the numbering of the roots.
_TABLE = """
73 3d-printing 4 3D Printing
  127 3d-printer-accessories 42 3D Printer Accessories
  152 3d-printer-extruders 12 3D Printer Extruders
  129 3d-printing-tests 9 3D Printing Tests
63 art 6 Art
  144 2d-art 22 2D Art
  75 art-tools 4 Art Tools
  143 coins-and-badges 10 Coins & Badges
  78 interactive-art 5 Interactive Art
  79 math-art 8 Math Art
  145 scans-and-replicas 9 Scans & Replicas
  80 sculptures 21 Sculptures
  76 signs-and-logos 24 Signs & Logos
64 fashion 3 Fashion
  81 accessories 14 Accessories
  82 bracelets 4 Bracelets
  142 costume 14 Costume
  139 earrings 5 Earrings
  84 jewelry 10 Jewelry
  130 keychains 26 Keychains
  85 rings 5 Rings
65 gadgets 5 Gadgets
  141 audio 12 Audio
  88 mobile-phone 26 Mobile Phone
  91 video-games 13 Video Games
66 hobby 6 Hobby
  155 automotive 24 Automotive
  93 diy 24 DIY
  92 electronics 33 Electronics
  94 music 10 Music
  95 rc-vehicles 38 R/C Vehicles
  96 robotics 14 Robotics
  140 sports-and-outdoors 22 Sport & Outdoors
67 household 8 Household
  147 bathroom 14 Bathroom
  146 containers 32 Containers
  97 decor 32 Decor
  100 kitchen-and-dining 25 Kitchen & Dining
  101 office 17 Office
  102 organization 34 Organization
  98 outdoor-and-garden 40 Outdoor & Garden
  153 replacement-parts 26 Replacement Parts
69 learning 2 Learning
  106 biology 4 Biology
  104 engineering 7 Engineering
70 models 5 Models
  107 animals 20 Animals
  108 buildings-and-structures 17 Buildings & Structures
  109 creatures 17 Creatures
  110 food-and-drink 4 Food & Drink
  111 model-furniture 5 Model Furniture
  112 people 14 People
  114 props 20 Props
  115 model-robots 5 Model Robots
  116 vehicles 28 Vehicles
71 tools 4 Tools
  118 hand-tools 18 Hand Tools
  119 parts 20 Parts
  120 tool-holders-and-boxes 17 Tool Holders & Boxes
72 toys-and-games 5 Toys & Games
  151 chess 4 Chess
  121 construction-toys 7 Construction Toys
  123 games 20 Games
  124 mechanical-toys 10 Mechanical Toys
  113 playsets 4 Playsets
  125 puzzles 9 Puzzles
  149 toy-and-game-accessories 13 Toy & Game Accessories
0 other 27 Other
"""


def _read(table: str) -> tuple[Category, ...]:
    found: list[Category] = []
    root = ""
    for line in table.strip().splitlines():
        number, slug, weight, name = line.split(None, 3)
        parent = root if line.startswith(" ") else None
        root = root if parent else slug
        found.append(Category(int(number), slug, name, parent, int(weight)))
    return tuple(found)


CATEGORIES: tuple[Category, ...] = _read(_TABLE)
"""Every category, each root followed by its children."""

BY_SLUG: dict[str, Category] = {category.slug: category for category in CATEGORIES}
BY_ID: dict[int, Category] = {category.id: category for category in CATEGORIES}
ROOTS: tuple[Category, ...] = tuple(c for c in CATEGORIES if c.parent is None)


def children(slug: str) -> tuple[Category, ...]:
    """The categories under a root; none for a child."""
    return tuple(category for category in CATEGORIES if category.parent == slug)
