"""Spider arguments as models: typed, described, and a misspelt one stops the command at once."""

from tvspiders.params.categories import Categories, CategoriesParams
from tvspiders.params.crawl import EXTRAS, CrawlParams, ExtraParams
from tvspiders.params.explanation import asked_otherwise, explain, read_arguments
from tvspiders.params.files import MAX_FILE, FileParams, with_file
from tvspiders.params.refresh import RefreshParams
from tvspiders.params.remixes import Depth, Direction, RemixesParams
from tvspiders.params.things import License, Sort, ThingsParams
from tvspiders.params.users import Included, Users, UsersParams
from tvspiders.params.values import Details, Number, Things, each, names_things, parted, plain_number

__all__ = [
    "EXTRAS",
    "MAX_FILE",
    "Categories",
    "CategoriesParams",
    "CrawlParams",
    "Depth",
    "Details",
    "Direction",
    "ExtraParams",
    "FileParams",
    "Included",
    "License",
    "Number",
    "RefreshParams",
    "RemixesParams",
    "Sort",
    "Things",
    "ThingsParams",
    "Users",
    "UsersParams",
    "asked_otherwise",
    "each",
    "explain",
    "names_things",
    "parted",
    "plain_number",
    "read_arguments",
    "with_file",
]
