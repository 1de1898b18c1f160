"""A report as a document: terminal, JSON, CSV, Markdown, HTML."""
