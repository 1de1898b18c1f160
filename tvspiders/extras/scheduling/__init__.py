"""Schedule jobs on a Scrapyd daemon, and list them with their verdicts."""
