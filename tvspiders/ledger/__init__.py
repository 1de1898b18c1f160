"""The ledger: a Scrapy scheduler over a table, with acknowledgement after commit."""
