"""What ``scrapy demo`` runs and prints."""
