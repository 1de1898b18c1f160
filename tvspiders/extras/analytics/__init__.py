"""Answers out of the database: the remix graph, trends, sums, reports and exports. No network."""
