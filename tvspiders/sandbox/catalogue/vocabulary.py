"""The words of the generated catalogue.

A *narrow* word is found by a number of things that grows with the square root of
the catalogue (`planters`: about 220 of 20,000 things and 4,000 of 6,000,000); a
*broad* word by a fixed share of all things.
"""

from __future__ import annotations

NARROW: dict[str, tuple[tuple[str, float], ...]] = {
    "outdoor-and-garden": (("planters", 1.6), ("bird feeder", 0.9), ("trellis", 0.3)),
    "buildings-and-structures": (("gothic architecture", 0.6), ("lighthouse", 0.4)),
    "animals": (("octopus", 0.8), ("axolotl", 0.5)),
    "creatures": (("dragons", 1.2), ("kraken", 0.4)),
    "kitchen-and-dining": (("чаша", 0.3), ("cookie cutter", 1.0)),
    "decor": (("花瓶", 0.25), ("مزهرية", 0.2), ("lithophane", 0.9)),
    "games": (("dice tower", 0.8), ("hex terrain", 0.6)),
    "3d-printing-tests": (("benchmark boat", 0.5), ("calibration cube", 0.6)),
    "robotics": (("rover", 0.5), ("hexapod", 0.3)),
    "learning": (("moon lamp", 0.2),),
    "hand-tools": (("caliper", 0.4), ("hex key", 0.4)),
    "automotive": (("gauge pod", 0.4),),
    "puzzles": (("burr puzzle", 0.4),),
    "rc-vehicles": (("whoop frame", 0.7),),
    "math-art": (("gyroid", 0.4), ("menger sponge", 0.2)),
}
"""Narrow words by category: the word and how many times the square root it is found."""

BROAD: dict[str, tuple[str, ...]] = {
    "3d-printing": ("print bed", "nozzle"),
    "3d-printer-accessories": ("spool holder", "fan duct", "filament guide"),
    "3d-printer-extruders": ("hotend", "extruder gear"),
    "3d-printing-tests": ("overhang test", "retraction test"),
    "art": ("ornament",),
    "2d-art": ("stencil", "silhouette"),
    "art-tools": ("brush rest",),
    "coins-and-badges": ("coin", "badge"),
    "interactive-art": ("kinetic wall",),
    "math-art": ("polyhedron", "spiral"),
    "scans-and-replicas": ("scan", "replica"),
    "sculptures": ("bust", "statue"),
    "signs-and-logos": ("sign", "logo"),
    "fashion": ("belt",),
    "accessories": ("buckle", "glasses"),
    "bracelets": ("bracelet",),
    "costume": ("mask", "helmet"),
    "earrings": ("earring",),
    "jewelry": ("pendant", "brooch"),
    "keychains": ("keychain", "key tag"),
    "rings": ("finger ring",),
    "gadgets": ("gadget",),
    "audio": ("speaker", "headphone stand"),
    "mobile-phone": ("phone stand", "phone case", "charger dock"),
    "video-games": ("controller grip", "cartridge"),
    "hobby": ("hobby kit",),
    "automotive": ("cup adapter", "trim clip"),
    "diy": ("jig", "bracket"),
    "electronics": ("enclosure", "cable guide", "battery holder"),
    "music": ("guitar pick", "drum key"),
    "rc-vehicles": ("antenna mount", "motor guard", "canopy"),
    "robotics": ("robot arm", "gripper"),
    "sports-and-outdoors": ("bike mount", "tent peg"),
    "household": ("hook",),
    "bathroom": ("soap dish", "toothbrush stand"),
    "containers": ("box",),
    "decor": ("vase", "lamp shade"),
    "kitchen-and-dining": ("coaster", "bag clip"),
    "office": ("pen holder", "card holder"),
    "organization": ("drawer", "tray", "label"),
    "outdoor-and-garden": ("hose fitting", "garden marker"),
    "replacement-parts": ("knob", "hinge", "gear"),
    "learning": ("lesson",),
    "biology": ("cell model", "skull"),
    "engineering": ("bearing", "truss"),
    "models": ("diorama",),
    "animals": ("cat", "fish"),
    "buildings-and-structures": ("house", "castle"),
    "creatures": ("monster", "goblin"),
    "food-and-drink": ("cake topper",),
    "model-furniture": ("tiny chair", "tiny table"),
    "people": ("figure", "portrait"),
    "props": ("blaster", "sword"),
    "model-robots": ("mech",),
    "vehicles": ("truck", "tank", "locomotive"),
    "tools": ("tool",),
    "hand-tools": ("wrench", "clamp"),
    "parts": ("spacer", "pulley"),
    "tool-holders-and-boxes": ("tool rack", "bit holder"),
    "toys-and-games": ("toy",),
    "chess": ("chess set",),
    "construction-toys": ("brick",),
    "games": ("token", "miniature"),
    "mechanical-toys": ("automaton", "spinner"),
    "playsets": ("playset",),
    "puzzles": ("maze", "puzzle cube"),
    "toy-and-game-accessories": ("card tray", "dice box"),
    "other": ("thing", "widget"),
}
"""Broad words by category; together they cover whatever the narrow ones leave."""

MODIFIERS_NARROW: tuple[tuple[str, float], ...] = (("flexi", 1.9), ("steampunk", 0.7), ("voronoi", 0.8))
"""Narrow words that stand before the noun."""

MODIFIERS: tuple[tuple[str, int], ...] = (
    ("parametric", 40),
    ("mini", 40),
    ("articulated", 12),
    ("modular", 40),
    ("low poly", 25),
    ("print in place", 20),
    ("wall mounted", 30),
    ("foldable", 15),
    ("stackable", 25),
    ("magnetic", 25),
    ("vintage", 12),
    ("heavy duty", 20),
)
"""Broad words before the noun: per mille of all things. The rest has none."""

LABELS: tuple[tuple[str, int], ...] = (
    ("useful", 130),
    ("gift", 80),
    ("no supports", 90),
    ("openscad", 70),
    ("fusion 360", 60),
    ("PLA", 60),
    ("PETG", 40),
    ("TPU", 30),
    ("RaspberryPi", 30),
    ("décor", 15),
    ("büro", 5),
    ("日本", 3),
)
"""Tags that are not in the name: per mille of all things."""

SENTENCES: tuple[str, ...] = (
    "Printed in PLA at 0.2 mm, three walls, 15 % infill.",
    "No supports needed if you print it as it lies on the plate.",
    "I drew this on a rainy weekend because the one from the shop broke after a week.",
    "It fits snugly; sand the inner edge a little if your printer over-extrudes.",
    'The screws are M3 x 12, the nuts press in from behind ("finger tight" is enough).',
    "Feel free to change whatever you like, and please show me what you made!",
    "Scale it in X and Y only, or the holes will not line up any more.",
    "The second version has thicker ribs, since the first one cracked at -10 °C.",
    "Tolerances: 0.15 mm on each side, tested on three different machines.",
    "Source files are included, they need nothing but free software.",
    "My daughter asked for a blue one & a red one <3",
    "Merci à tous, c'est mon premier modèle — soyez indulgents.",
    "Passt auch für größere Schrauben; Fläche vorher entgraten.",
    "支撑不需要，层高 0.2 毫米即可。",
    "Подходит для любого принтера, поддержки не нужны.",
    "يمكن طباعته بدون دعامات",
    "Update: fixed the hole spacing, thanks to everybody who wrote.",
    "See https://example.org/build?step=2&lang=en for the long story.",
)
"""What descriptions are made of."""

ORNAMENTS: tuple[str, ...] = (
    "🐙",
    "✨ for the shelf ✨",
    "“quoted”",
    "'s",
    "№ 5",
    "e\u0301dition",
    "🇫🇷 👩‍🔧",
    "— v2.1",
    "(עותק)",
    "½ size",
    "100%",
    "<b>new</b>",
)
"""Odd ends of names: emoji, flags, combining marks, right-to-left text, quotes, markup."""

PLACES: tuple[str, ...] = (
    "",
    "",
    "",
    "",
    "Berlin, Germany",
    "Ohio",
    "東京",
    "São Paulo",
    "UK",
    "Łódź",
    "Lyon",
    "תל אביב",
)

FIRST_NAMES: tuple[str, ...] = (
    "",
    "",
    "Ada",
    "Björn",
    "Chiara",
    "Dmitri",
    "Eun-ji",
    "Fatima",
    "Grace",
    "Hiro",
    "Zoë",
    "Ngozi",
)

LAST_NAMES: tuple[str, ...] = (
    "",
    "",
    "",
    "Almeida",
    "Brandt",
    "O'Neil",
    "Cieślak",
    "Dubois",
    "Ito",
    "Kowalski",
    "Muñoz",
    "Reed",
)

USER_FIRST: tuple[str, ...] = tuple(
    """
amber brisk copper dusty eager fuzzy golden hazel iron jolly keen lucky mellow nimble opal polar
quiet rusty silver tidy ultra velvet witty xeno young zesty arctic bronze cosmic dizzy electric
frosty gentle humble indigo jagged kind lunar magic noble orbit pixel quick robo solar turbo urban
vivid wild yellow alpine binary carbon desert ember feral granite hollow ivory jade krypton linear
micro nano
""".split()  # noqa: SIM905 - a column of names, not a list of strings
)

USER_LAST: tuple[str, ...] = tuple(
    """
Anvil Badger Cobbler Drafter Engineer Forge Gecko Hacker Ibis Joiner Kestrel Lathe Maker Newt Otter
Printer Quail Raven Smith Tinker Urchin Vulcan Welder Xerus Yak Zebra Atelier Bench Crafts Design
Extruder Filament Garage Hobby Inventor Jig Kiln Lab Mechanic Nozzle Object Plotter Quarry Router
Studio Things Unit Vise Works Yard Zone Architect Builder Carver Designer Explorer Fixer Gadgeteer
Hammer Igloo Jester Kitbasher Lens Mill
""".split()  # noqa: SIM905 - a column of names, not a list of strings
)

LICENSES: tuple[tuple[str, str, int], ...] = (
    ("cc", "Creative Commons - Attribution", 380),
    ("cc-sa", "Creative Commons - Attribution - Share Alike", 180),
    ("cc-nc", "Creative Commons - Attribution - Non-Commercial", 150),
    ("cc-nc-sa", "Creative Commons - Attribution - Non-Commercial - Share Alike", 110),
    ("cc-nd", "Creative Commons - Attribution - No Derivatives", 30),
    ("cc-nc-nd", "Creative Commons - Attribution - Non-Commercial - No Derivatives", 40),
    ("pd0", "Creative Commons - Public Domain Dedication", 35),
    ("gpl", "GNU - GPL", 35),
    ("bsd", "BSD License", 20),
    ("lgpl", "GNU - LGPL", 8),
    ("public", "Public Domain", 6),
    ("none", "All Rights Reserved", 6),
)
"""The request value, the text in the detail, and per mille of all things."""
