"""Item pipelines: drop what is known, hand the rest to the ledger's unit of work."""
