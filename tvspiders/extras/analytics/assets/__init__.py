"""Template, style and scripts of the HTML report, with two vendored libraries (see NOTICE.txt)."""
