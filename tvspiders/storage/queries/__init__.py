"""Questions to the database: the graph, history, exports, the audit, the choice of a refresh."""
