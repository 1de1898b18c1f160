"""``scrapy graph``: the remix network for other programs, or its measures."""

from __future__ import annotations

import argparse
from dataclasses import replace

from scrapy.settings import Settings

from tvspiders.console.command import TvCommand
from tvspiders.console.usage import add_pseudonyms, pseudonyms_asked, whole
from tvspiders.errors import UsageProblem
from tvspiders.extras import needs

FORMATS = ("graphml", "gexf", "dot", "json", "csv", "parquet", "tree")


class Command(TvCommand):
    """Export the remix network, or print its measures, without the network."""

    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012
    summary = "Export the remix network (GraphML, GEXF, DOT, JSON, CSV, Parquet, tree) or print its measures"
    examples = (
        "scrapy graph --top 5",
        "scrapy graph --root 763622 --format graphml -o family.graphml",
    )
    no_arguments = "graph takes no arguments, only options; -h shows them"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Switches; each value is checked before the database is read."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Graph")
        add = group.add_argument
        add("--format", metavar="NAME", help=f"{', '.join(FORMATS)} (none prints measures)")
        add("-o", "--output", metavar="FILE", help="write there (standard output by default)")
        add(
            "--root",
            metavar="ID",
            help="only the whole weak component of this thing (id, thing:ID or address)",
        )
        add("--component", metavar="N", help="only the weak component of this rank, 1 the largest")
        add("--nodes", metavar="FILE", help="for csv and parquet, write the table of nodes there")
        add("--as-of", metavar="DATE", help="what was known at the end of that day (UTC)")
        add("--top", metavar="N", default="20", help="rows of a ranking (20 by default)")
        add("--no-self-remixes", action="store_true", help="leave out remixes of a creator's own things")
        add("--no-customizer", action="store_true", help="leave out what the Customizer made")
        add_pseudonyms(group)

    @needs("analytics")
    def execute(self, settings: Settings, args: list[str], opts: argparse.Namespace) -> int:
        """Write; exit code 2 for a wrong option, 1 for an unusable database."""
        if opts.format is not None and opts.format not in FORMATS:
            raise UsageProblem(f"--format {opts.format!r} is not accepted; accepted: {', '.join(FORMATS)}")
        if opts.root is not None and opts.component is not None:
            raise UsageProblem("--root and --component exclude each other")
        from tvspiders.extras.analytics.command_line import thing_number
        from tvspiders.extras.analytics.data.options import Options, moment_after
        from tvspiders.storage.database.reading import open_for_reading

        root = None if opts.root is None else thing_number(opts.root)
        component = None if opts.component is None else whole("--component", opts.component)
        options = Options(
            top=whole("--top", opts.top),
            self_remixes=not opts.no_self_remixes,
            customizer=not opts.no_customizer,
            as_of=None if opts.as_of is None else moment_after(opts.as_of),
            as_of_given=opts.as_of,
        )
        wanted, key = pseudonyms_asked(opts)
        from tvspiders.extras.analytics.export.write import write_graph
        from tvspiders.storage.people.pseudonyms import Pseudonyms
        from tvspiders.storage.queries.network import require_things

        with open_for_reading(str(settings["DATABASE_URL"])) as connection:
            require_things(connection)
            write_graph(
                connection,
                replace(options, pseudonyms=Pseudonyms(connection, key) if wanted else None),
                opts.format,
                root=root,
                component=component,
                output=opts.output,
                nodes=opts.nodes,
            )
        return 0
