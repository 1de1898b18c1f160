"""The progress of a running crawl, for a terminal or a log file."""
