"""The Nu HTML checker, the one that W3C's validator runs, has nothing to say of the page.

Nothing that it says is filtered out: errors, warnings and remarks all count.
"""


def test_nu_has_nothing_to_say_of_the_page_and_would_have_of_a_broken_one(nu, page, tmp_path):
    source = page.read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(
        source.replace("</figcaption></figure>", "</figcaption><details><summary>Data</summary></details></figure>")
        .replace("<footer>", '<footer role="contentinfo" colour="blue">')
        .replace("color: var(--ink)", "colour: 1"),
        encoding="utf-8",
    )
    said = nu(page, broken)
    assert said[page] == []
    told = " ".join(said[broken])
    assert "error" in told
    assert "Element “details” not allowed as child of element “figure”" in told
    assert "Attribute “colour” not allowed on element “footer”" in told
    assert "warning" in told or "info" in told  # the role is needless
    assert "CSS" in told
