import re
from datetime import date

from clientela.web.assets import address
from clientela.web.frame import initials
from clientela.web.look import own_address
from clientela.workspace import Workspace


def test_every_page_says_what_one_sees_to_which_day_and_how_good(visitor, served):
    page = visitor("Ana", "executive").get("/help").text
    last_day = date.fromisoformat(Workspace(served).status().last_day)
    bar = page[page.index('class="scope-bar"') : page.index("</main>")]
    assert "the whole company" in bar
    assert f"{last_day.day} {last_day:%B %Y}" in bar
    assert "Data quality:" in bar


def test_a_manager_is_told_of_which_part(visitor):
    page = visitor("Nora", "manager", territories=["T-1", "T-2"]).get("/help").text
    bar = page[page.index('class="scope-bar"') :]
    assert "<b>T-1, T-2</b>" in bar


def test_only_places_one_may_open_are_offered(visitor):
    assert "/administration" not in visitor("Ana", "executive").get("/help").text
    assert 'href="/insights"' in visitor("Ana", "executive").get("/help").text


def test_who_may_read_the_audit_log_alone_is_led_to_it(visitor):
    browser = visitor("Olga", "data-protection-officer")
    page = browser.get("/help").text
    assert '<a href="/administration/audit">Audit log</a>' in page
    assert 'href="/administration"' not in page
    assert (
        '<a href="/administration/audit" aria-current="page">Audit log</a>' in browser.get("/administration/audit").text
    )


def test_a_theme_is_chosen_by_a_form_and_kept_in_a_cookie(visitor):
    browser = visitor("Ana", "executive")
    page = browser.get("/help").text
    assert "data-theme" not in page[:200]
    token = re.search(r'name="form_token" value="([^"]+)"', page)[1]
    answer = browser.post("/look", data={"form_token": token, "theme": "dark", "next": "/help"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/help")
    assert '<html lang="en" data-theme="dark">' in browser.get("/help").text
    browser.post("/look", data={"form_token": token, "theme": "auto", "next": "/help"})
    assert "data-theme" not in browser.get("/help").text[:200]
    assert browser.post("/look", data={"form_token": token, "theme": "neon"}).status_code == 400


def test_the_way_back_never_leaves_this_site():
    assert own_address("https://elsewhere.example/") == "/"
    assert own_address("//elsewhere.example/") == "/"
    assert own_address("/\\elsewhere.example") == "/"
    assert own_address("/x\r\nset-cookie: a=b") == "/"
    assert own_address("/insights?area=sales") == "/insights?area=sales"


def test_files_are_kept_for_a_year_and_packed_where_asked(visitor):
    browser = visitor("Ana", "executive")
    style = browser.get(address("style.css"), headers={"accept-encoding": "gzip"})
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert style.headers["content-encoding"] == "gzip"
    assert "set-cookie" not in style.headers
    plain = browser.get(address("style.css"), headers={"accept-encoding": "identity"})
    assert plain.text == style.text
    assert "content-encoding" not in plain.headers
    assert browser.get("/static/style.000000000000.css").status_code == 404
    assert browser.get("/static/..%2fpages.py").status_code == 404


def test_no_page_has_a_script_or_a_style_written_into_it(visitor):
    browser = visitor("Ana", "executive")
    for path in ("/", "/insights", "/insights/churn-risk", "/help", "/glossary"):
        page = browser.get(path).text
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert "<style" not in page, path
        assert not re.search(r"<[a-z][^>]*\sstyle=", page), path
        assert not re.search(r"<[a-z][^>]*\son[a-z]+=", page), path


def test_a_name_is_escaped_wherever_it_stands(visitor):
    browser = visitor("<script>alert(1)</script>", "executive")
    page = browser.get("/help").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_initials_are_of_the_first_two_words():
    assert [initials(name) for name in ("Marta Kowalska Ruiz", "ana", "...", "ñandú élite")] == ["MK", "A", "?", "ÑÉ"]


def test_ids_of_a_page_are_there_once(visitor):
    browser = visitor("Ana", "executive")
    for path in ("/", "/insights", "/insights/churn-risk", "/insights/customer-base"):
        ids = re.findall(r'\sid="([^"]+)"', browser.get(path).text)
        assert len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]
