"""Files and pictures of a thing.

File k of thing t has the id t * 32 + k, picture k the id t * 32 + 16 + k.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

from tvspiders.sandbox.api.shapes.places import API, CDN, SIZES, WWW, Json, folder, rendering, stamp
from tvspiders.sandbox.api.vintages import Vintage
from tvspiders.sandbox.catalogue.catalogue import Catalogue
from tvspiders.sandbox.catalogue.mixing import Source

_KINDS = ("stl", "stl", "stl", "3mf", "scad", "step")


class FileShapes:
    """JSON of files and pictures."""

    def __init__(self, catalogue: Catalogue, vintage: Vintage) -> None:
        self._catalogue = catalogue
        self._year = vintage.year
        self._source = Source(catalogue.seed, "files")

    def file_count(self, thing: int) -> int:
        """1 to 12 files, mostly few."""
        drawn = self._source.number(thing)
        return 1 + min(drawn % 4, drawn >> 8 & 3) + (drawn >> 16 & 15 == 0) * 8

    def image_count(self, thing: int) -> int:
        """1 to 6 pictures, sometimes none."""
        return 0 if not self.has_picture(thing) else 1 + (self._source.number(thing) >> 24) % 6

    def _name(self, thing: int, number: int) -> str:
        noun = self._catalogue.words.noun(thing).word
        stem = noun.replace(" ", "_") if noun.isascii() else "part"
        return f"{stem}_{number + 1}"

    def file_name(self, thing: int, number: int) -> str:
        """The name of file ``number``."""
        kind = _KINDS[self._source.number(thing, number) % len(_KINDS)] if number else "stl"
        return f"{self._name(thing, number)}.{kind}"

    def image(self, thing: int, number: int) -> Json:
        """One entry of the list of pictures."""
        image = thing * 32 + 16 + number
        return {
            "id": image,
            "name": f"{self._name(thing, number)}.png",
            "url": f"{API}/things/{thing}/images/{image}",
            "sizes": self._sizes(image, f"{self._name(thing, number)}.png"),
        }

    def default_image(self, thing: int) -> Json:
        """The picture inside a detail: the address is the asset's here, and there is a date."""
        image = thing * 32 + 16
        name = f"{self._name(thing, 0)}.png"
        return {
            "id": image,
            "url": f"{CDN}/assets/{folder(self._source.number(image))}/{name}",
            "name": name,
            "sizes": self._sizes(image, name),
            "added": stamp(self._catalogue.life.added(thing)),
        }

    def _sizes(self, image: int, name: str) -> list[Json]:
        number = self._source.number(image)
        return [
            {"type": kind, "size": size, "url": rendering(number, kind, size, name)} for kind, size in SIZES
        ]

    def picture(self, thing: int, kind: str, size: str) -> str:
        """The address of a thing's picture; one thing in 30 has none but the default gears."""
        if not self.has_picture(thing):
            return f"{CDN}/site/img/default/Gears_{kind}_{size}.jpg"
        return rendering(self._source.number(thing * 32 + 16), kind, size, f"{self._name(thing, 0)}.png")

    def has_picture(self, thing: int) -> bool:
        """Whether the detail has a ``default_image``."""
        return (self._source.number(thing) >> 32) % 30 != 0

    def zip_data(self, thing: int) -> Json:
        """All files and pictures by name, inside a detail since 2025."""
        number = self._source.number(thing)
        pictures = self.image_count(thing)
        files = (self.file_name(thing, k) for k in range(self.file_count(thing)))
        images = (f"{self._name(thing, k)}.png" for k in range(pictures))
        return {
            "files": [{"name": name, "url": f"{CDN}/assets/{folder(number)}/{name}"} for name in files],
            "images": [
                {"name": name, "url": f"{CDN}/assets/{folder(number >> 8)}/{name}"} for name in images
            ],
        }

    def file(self, thing: int, number: int, day: int) -> Json:
        """One file."""
        file = thing * 32 + number
        drawn = self._source.number(file)
        name = self.file_name(thing, number)
        printable = name.endswith((".stl", ".3mf"))
        size = 4_000 + drawn % 20_000_000
        download = f"{API}/v2/files/{file}/download" if self._year >= 2026 else f"{API}/files/{file}/download"
        date = self._catalogue.life.added(thing) - timedelta(minutes=drawn % 90)
        found: Json = {
            "id": file,
            "name": name,
            "size": size,
            "url": f"{API}/files/{file}",
            "public_url": f"{WWW}/download:{file}",
            "download_url": download,
            "threejs_url": f"{CDN}/threejs_json/{folder(drawn)}/{name}.js" if printable else "",
            "thumbnail": rendering(drawn, "thumb", "medium", f"{name}.png"),
            "default_image": self.default_image(thing) if printable else None,
            "date": f"{date:%Y-%m-%d %H:%M:%S}",
            "formatted_size": f"{size // 1024} kb",
            "meta_data": [],
            "download_count": self._catalogue.counts(thing, day).downloads // (number + 2),
        }
        if self._year >= 2022:
            found["direct_url"] = f"{CDN}/assets/{folder(drawn)}/{name}" if printable else None
        if self._year >= 2026:
            digest = drawn.to_bytes(8, "big") * 2
            found["hash"] = b64encode(digest).decode() if thing % 2 else digest.hex()
        return found
