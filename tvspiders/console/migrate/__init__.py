"""What ``scrapy migrate-db`` does."""
