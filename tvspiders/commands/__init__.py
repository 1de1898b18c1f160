"""The ``scrapy …`` commands of the project, each a thin shell over the other packages."""
