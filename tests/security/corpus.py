"""What bad people and broken programs type. `zq` words are looked for afterwards: as text they may stand in a page, as
markup never."""
from __future__ import annotations

# Each breaks out of another place: text, an attribute, a script, a style, a comment, an address.
MARKUP = (
    "<zqtag zqattr=1>", '"><zqtag zqattr=1>', "'><zqtag zqattr=1>", '" zqattr="1', "' zqattr='1", "</title><zqtag>",
    "</textarea><zqtag>", "</script><zqtag>", "--><zqtag>", "]]><zqtag>", "<script>zqrun()</script>",
    "<img src=x onerror=zqrun()>", "<svg onload=zqrun()>", "javascript:zqrun()", "JaVaScRiPt:zqrun()", "java\tscript:zqrun()",
    "data:text/html,<script>zqrun()</script>", "{{ 7*'zq' }}", "{% zq %}", "${zq}", "&lt;zqtag&gt;", "&#60;zqtag&#62;",
    "[zq](javascript:zqrun())", "<a href='javascript:zqrun()'>zq</a>", "＜zqtag＞", "<ZQTAG/x/zqattr=1>",
    "<style>*{background:url(//zq.example)}</style>", "<form action=//zq.example>", "<base href=//zq.example>",
    '<div hx-get="/zq" hx-trigger=load>', "zq‮lmth", '{"zq": "</script>"}',
)  # fmt: skip
NUMBERS = (
    "0", "-1", "1" + "0" * 19, "9" * 5000, "9223372036854775807", "9223372036854775808", "2147483648", "1e2000000",
    "1e400", "-1e999999", "NaN", "sNaN", "Infinity", "-inf", "1_000", "٣", " 5 ", "0x10", "1.0", "1,000.00", "1.000,00",
    "--5", "1e", ".", ",", "%", "50%", "$", "1/0", "½", "Ⅷ",
)  # fmt: skip
DATES = (
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-W01-1", "2026-13", "2026-Q5", "0000-Q1",
    "9999-Q4", "99999", "infinity", "now", "31.12.9999", "2026-02-29T25:61", "1", "-2026-01-01",
)  # fmt: skip
WORDS = (
    "", " ", "\0", "a\0b", "\ud800", "C++", "o'brien", "50%", "a@b.c", '"', "'", "''", "\\", "/", "..", "../../etc/passwd",
    "%00", "%ED%A0%80", "AND", "-x", "a:b", "*", "(", "a" * 60_000, "é" * 3000, "שלום", "👩‍👩‍👧", "\u202egnp.exe", "\ufeff", "\r\nSet-Cookie: zq=1",
    "a\r\nb", "None", "null", "undefined", "true", "[]", "{}", "[object Object]", "' OR 1=1 --", "1; DROP TABLE partner",
    "1 UNION SELECT password_hash FROM person", "CASE WHEN 1=1 THEN 1 END", "id", "password_hash", "__class__", "custom",
    "partner.manager.password_hash", "partner." * 50, "-" * 5000 + "1", "(" * 3000, "1+" * 3000 + "1", "x\tb", "\x1b[31m", "\x7f",
    "=cmd|' /C calc'!A0", "@SUM(1)", "//evil.example", "https://evil.example", "\\\\evil.example", "a" * 255, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
)  # fmt: skip
EVERYTHING = (*MARKUP, *NUMBERS, *DATES, *WORDS)

# Where a sign-in must not lead, and how people try.
ELSEWHERE = (
    "https://evil.example", "http://evil.example/", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example",
    "\\/evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example",
    "/\r/evil.example", "/\x00/evil.example", "javascript:alert(1)", "data:text/html,x", "https:evil.example", "https:/evil.example",
    "http:evil.example", "/\\/evil.example", "//evil.example/%2f..", "evil.example", "@evil.example", "/.//evil.example/..//",
    "http://127.0.0.1@evil.example", "/%09/evil.example", "/%5cevil.example", "ftp://evil.example", "mailto:a@evil.example",
    "//[::1]", "/" * 3000, "x:y", "..//evil.example", "?next=//evil.example", "/\u2028/evil.example", "／／evil.example",
)  # fmt: skip

# What one mailbox is not.
NO_MAILBOX = (
    "a@b.example\r\nBcc: evil@evil.example", "a@b.example\nBcc: evil@evil.example", "a@b.example%0ABcc:evil@evil.example",
    "a@b.example,evil@evil.example", "a@b.example;evil@evil.example", "a@b.example evil@evil.example",
    "Ada <evil@evil.example>", '"a@b.example" <evil@evil.example>', "<evil@evil.example>", "a@b.example\0x",
    "=?utf-8?q?a=40b.example?=", "a@b.example\r\n\r\nHello", "a@b.example\u2028Bcc: x", "a@b.example\x85Bcc: x", "a@b", "@b.example",
    "a@", "a", "", "a@b..example", "a@.example", "a b@c.example", "a@b.example\tTo: evil@evil.example", "a@@b.example",
    "(comment)a@b.example(evil@evil.example)", "a@[127.0.0.1]", "a@b.example:25", "a@" + "b" * 250 + ".example",
)  # fmt: skip

# Cells that a spreadsheet would run.
FORMULAS = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1|cmd", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)",
    '=HYPERLINK("http://evil.example")', "=IMPORTXML(\"http://evil.example\")", "=WEBSERVICE(\"http://evil.example\")", "%=1+1", "|=1+1",
    '"=1+1"', "'=1+1", ";=1+1", ",=1+1",
)  # fmt: skip
