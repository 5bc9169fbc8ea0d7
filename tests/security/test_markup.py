"""The eye of these tests: what it takes for alive, and what it lets pass."""
import pytest

from tests.security.markup import alive


@pytest.mark.parametrize("html", [
    "<p><zqtag>", "<p zqattr=1>", "<script>x</script>", "<script src=//evil.example/x.js></script>", "<img src=/x onerror=x>", "<a href='java\tscript:x'>", "<a href=JAVASCRIPT:x>",
    "<form action=javascript:x>", "<button formaction=data:text/html,x>", "<base href=/>", "<iframe src=/>", "<svg onload=x>", "<p style='x'>", "<style>x</style>", "<div hx-on:click=x>", "<a href='vbscript:x'>",
])  # fmt: skip
def test_what_is_alive_is_seen(html):
    assert alive(html)


@pytest.mark.parametrize("html", [
    "<p>&lt;zqtag&gt; javascript:zqrun()</p>", "<script src='/static/js/app.js'></script>", "<a href='/partners/?q=%3Czqtag'>", "<a href='mailto:a@b.example'>", "<img src='data:image/png;base64,AA'>",
    "<input value='&quot;&gt;&lt;zqtag&gt;'>", "<a href='?sort=name'>", "<a href='#main'>",
])  # fmt: skip
def test_what_is_words_passes(html):
    assert not alive(html)
