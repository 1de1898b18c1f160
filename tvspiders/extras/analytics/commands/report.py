"""``scrapy report``: analyse the database, for the terminal or as a document."""

from __future__ import annotations

import argparse
from dataclasses import replace

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.console.usage import add_pseudonyms, pseudonyms_asked
from tvspiders.errors import UsageProblem
from tvspiders.extras import needs

FORMATS = ("terminal", "json", "csv", "md", "html", "ids")


class Command(TvCommand):
    """Influence, structure, trends, sums, creators and licences, without the network."""

    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012
    usage = "[options] [influence] [structure] [trends] [categories] [tags] [creators] [licences]"
    summary = "Report on the database: influence, structure, trends, categories, tags, creators, licences"
    examples = (
        "scrapy report influence --top 10",
        "scrapy report trends --days 30 --format html -o report.html",
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Switches; each value is checked before the database is read."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Report")
        add = group.add_argument
        add(
            "--format", metavar="NAME", default="terminal", help=f"{', '.join(FORMATS)} (terminal by default)"
        )
        add("-o", "--output", metavar="FILE", help="write the document there (standard output by default)")
        add("--as-of", metavar="DATE", help="compute from what was known at the end of that day (UTC)")
        add("--days", metavar="N", default="7", help="length of the trend window (7 by default)")
        add("--top", metavar="N", default="20", help="rows of a ranking (20 by default)")
        add("--by", metavar="KINDS", help="trends by thing,creator,category,tag (all four by default)")
        add("--metric", metavar="NAME", default="downloads", help="downloads (default), likes or makes")
        add("--min-base", metavar="N", default="20", help="least count for growth in %% (20 by default)")
        add(
            "--decay", metavar="X", default="0.5", help="weight of a generation in the reach (0.5 by default)"
        )
        add(
            "--order",
            metavar="NAME",
            default="descendants",
            help="influence by descendants (default) or direct",
        )
        add(
            "--min-remixes",
            metavar="N",
            default="0",
            help="influence, least remixes of a thing (0 by default)",
        )
        add("--creator", metavar="NAME", help="add the profile of this creator")
        add("--no-self-remixes", action="store_true", help="leave out remixes of a creator's own things")
        add("--no-customizer", action="store_true", help="leave out what the Customizer made")
        add("--root", metavar="ID", help="html, show the network around this thing")
        add("--network-nodes", metavar="N", default="5000", help="html, most things shown (5000 by default)")
        add_pseudonyms(group)

    @needs("analytics")
    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Write the report; exit code 2 for a wrong option, 1 for an unusable database."""
        if opts.format not in FORMATS:
            raise UsageProblem(f"--format {opts.format!r} is not accepted; accepted: {', '.join(FORMATS)}")
        from tvspiders.extras.analytics.command_line import network_from, options_from
        from tvspiders.storage.database.reading import open_for_reading
        from tvspiders.storage.people.pseudonyms import Pseudonyms
        from tvspiders.storage.queries.network import require_things

        options = options_from(args, opts)
        if opts.root is not None and opts.format != "html":
            raise UsageProblem("--root is for --format html; scrapy graph --root exports a family")
        if opts.format == "ids" and len(args) != 1:
            raise UsageProblem(
                "--format ids is for one section; name it, as in: report influence --format ids"
            )
        network = network_from(opts)
        wanted, key = pseudonyms_asked(opts)
        from tvspiders.extras.analytics.document import write_report

        with open_for_reading(str(settings["DATABASE_URL"])) as connection:
            require_things(connection)
            pseudonyms = Pseudonyms(connection, key) if wanted else None
            chosen = replace(options, pseudonyms=pseudonyms)
            write_report(connection, chosen, opts.format, opts.output, network)
        return 0
