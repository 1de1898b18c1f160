"""Texts that try to command whoever reads a document: browsers, spreadsheets, terminals, parsers."""

from __future__ import annotations

MARKUP = (
    "<script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    "<img src=http://127.0.0.1:9/x onerror=window.hit=1>",
    '"><svg onload=window.hit=1>',
    "' onmouseover='window.hit=1",
    '" autofocus onfocus="window.hit=1',
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<a href=javascript:window.hit=1>x</a>",
    "javascript:window.hit=1",
    "<base href=//127.0.0.1:9/><meta http-equiv=refresh content=0;url=http://127.0.0.1:9/>",
    "</style><style>*{display:none}",
    "</title></textarea></pre></td></table>",
    "<!-- x --><![CDATA[y]]>]]>",
    "&lt;script&gt;window.hit=1&lt;/script&gt; &#60;b&#62; &nope;",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
)
MARKDOWN = (
    "[x](javascript:window.hit=1)",
    "![x](http://127.0.0.1:9/x)",
    "<http://127.0.0.1:9/x>",
    "see http://127.0.0.1:9/x and HTTPS://evil.example",
    "www.evil.example and WWW.evil.example",
    "a | b | c\n| --- |",
    "# x\n\n- y",
    "``` ` ~~~ **x** _y_",
    "[x]: http://127.0.0.1:9/x",
    "\\[x](y) \\",
)
CELLS = (
    '=HYPERLINK("http://127.0.0.1:9/x")',
    "+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(A1)",
    " =1+1",
    "＝1+1",
    "＠SUM(A1)",
    "\t=1",
    'a"b,c;d\r\ne',
)
CONTROLS = (
    "\x1b[2J\x1b]8;;http://127.0.0.1:9/x\x07",
    "\x9b31m",
    "\x01\x08\x7f",
    "a\rb",
    "\u202egnp.exe",
    "a\u2028b\u2029c\x85d",
    "\ufeff\ufffe",
)
PARSERS = (
    '"];x[label="y"];"',
    "\\N \\G \\l \\",
    "a\\",
    "'; DROP TABLE things;--",
    "../../etc/passwd",
    "null",
    "x" * 5_000,
)
HOSTILE = (*MARKUP, *MARKDOWN, *CELLS, *CONTROLS, *PARSERS)
"""All of them can be stored: NUL and lone surrogates are refused or replaced when an answer is read."""
