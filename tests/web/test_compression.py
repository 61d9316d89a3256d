"""Static files on their way to a browser."""

import gzip

import brotli
import pytest
from flask import Flask

from chatapp.web.compression import compress_text, without_breaks, without_comments, without_layout

PAGE = "<!doctype html>" + "<p>something said</p>" * 500
CODE = b"export const answer = 42;\n" * 200


@pytest.fixture
def client(tmp_path):
    (tmp_path / "app.js").write_bytes(CODE)
    (tmp_path / "tiny.js").write_bytes(b"1;")
    (tmp_path / "picture.png").write_bytes(CODE)
    app = Flask("test", static_folder=str(tmp_path), static_url_path="/static")
    compress_text(app)

    @app.get("/page")
    def page():
        return "secret " * 1000

    @app.get("/rooms", endpoint="pages.chat")
    def room():
        return PAGE

    return app.test_client()


def get(client, path, accept="gzip", **headers):
    return client.get(path, headers={"Accept-Encoding": accept, **headers}, buffered=True)


def test_a_script_is_compressed_for_who_takes_it(client):
    answer = get(client, "/static/app.js")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == CODE
    assert len(answer.data) < len(CODE) / 10
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_brotli_is_preferred_where_it_is_taken(client):
    answer = get(client, "/static/app.js", accept="gzip, deflate, br")

    assert answer.headers["Content-Encoding"] == "br"
    assert brotli.decompress(answer.data) == CODE
    assert answer.headers["ETag"] != get(client, "/static/app.js").headers["ETag"]


def test_who_does_not_take_it_gets_it_as_it_is(client):
    answer = get(client, "/static/app.js", accept="")

    assert "Content-Encoding" not in answer.headers
    assert answer.data == CODE
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/static/tiny.js", "/static/picture.png", "/page"])
def test_small_files_pictures_and_pages_are_not_compressed(client, path):
    assert "Content-Encoding" not in get(client, path).headers


def test_a_file_that_changed_is_compressed_anew(client, tmp_path):
    get(client, "/static/app.js")

    (tmp_path / "app.js").write_bytes(CODE + b"changed();")

    assert gzip.decompress(get(client, "/static/app.js").data).endswith(b"changed();")


def test_what_the_browser_has_already_is_not_sent_again(client):
    etag = get(client, "/static/app.js").headers["ETag"]

    again = get(client, "/static/app.js", **{"If-None-Match": etag})

    assert again.status_code == 304


def test_the_page_of_a_room_is_compressed_and_its_length_tells_nothing(client):
    answers = [get(client, "/rooms") for _ in range(20)]

    for answer in answers:
        assert gzip.decompress(answer.data).decode().startswith(PAGE)
        assert len(answer.data) < len(PAGE) / 10
    assert len({len(answer.data) for answer in answers}) > 1


def test_comments_on_lines_of_their_own_stay_at_home_and_the_lines_keep_their_numbers():
    source = b"""/* What this is,
   in two lines. */
const a = "/* no comment */"; // said behind
  /** A doc. */
  // alone
const b = /[/*]/;
/** @type {Row} */ (found).show();
/* and so on */
"""

    assert without_comments(source).splitlines() == [
        b"",
        b"",
        b'const a = "/* no comment */"; // said behind',
        b"",
        b"",
        b"const b = /[/*]/;",
        b"/** @type {Row} */ (found).show();",
        b"",
    ]


def test_what_is_joined_loses_its_layout_too():
    sheet = b"a {\n  /* why */\n  b: c;\n\n  d: e; /* so */\n}\n"
    script = b'f(/** @type {Row} */ (g)); // why\na = "; // b";\n'

    assert without_layout(sheet) == b"a {\nb: c;\nd: e;\n}\n"
    assert without_layout(script) == b'f((g));\na = "; // b";\n'


def test_lines_are_put_together_where_that_means_nothing(client):
    script = b'f({\na,\nb: "c",\n});\nlet d = 1 // it\'s one;\ne\n'

    assert without_breaks(script) == b'f({a,b: "c",});let d = 1 // it\'s one;\ne\n'
