"""Estimate and print what a crawl will cost, for ``scrapy plan``."""
