"""Our modules in one file: it does what the modules do."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from chatapp.web import modules
from chatapp.web.languages import words_in
from chatapp.web.modules import Joiner, Module, UnsupportedModule
from tests.support.accounts import make_accounts
from tests.support.pages import Browser, make_app
from tools.node import find_node


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(modules, "SCRIPTS", tmp_path)
    monkeypatch.setattr(modules, "JOINED", tmp_path / "joined")
    (tmp_path / "lib").mkdir()
    return tmp_path


def run(script: str) -> object:
    command = [*find_node().node, "--input-type=module", "--eval", script]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


def test_modules_keep_their_names_to_themselves_and_run_once_in_order(scripts: Path) -> None:
    (scripts / "lib/words.js").write_text(
        "const said = [];\nexport function say(word) {\n  said.push(word);\n  return said;\n}\n"
    )
    (scripts / "lib/one.js").write_text(
        'import { say } from "./words.js";\n\nconst word = "one";\nsay(word);\n'
    )
    (scripts / "begin.js").write_text(
        'import "./lib/one.js";\nimport {\n  say,\n} from "./lib/words.js";\n\n'
        'const word = "two";\nconsole.log(JSON.stringify(say(word)));\n'
    )

    assert run(Joiner().join(scripts / "begin.js")) == ["one", "two"]


def test_what_comes_later_shares_the_modules_that_are_there(scripts: Path) -> None:
    (scripts / "joined").mkdir()
    (scripts / "lib/words.js").write_text(
        "const said = [];\nexport function say(word) {\n  said.push(word);\n  return said;\n}\n"
    )
    (scripts / "later.js").write_text(
        'import { say } from "./lib/words.js";\n\nconsole.log(JSON.stringify(say("later")));\n'
    )
    (scripts / "chat.js").write_text(
        'import { say } from "./lib/words.js";\n\nsay("at once");\nimport("./later.js");\n'
    )
    chat, later, joiner = scripts / "chat.js", scripts / "later.js", Joiner(scripts)
    (scripts / "joined/chat.js").write_text(joiner.join(chat, continued_by=[later]))
    (scripts / "joined/later.js").write_text(joiner.join(later, base=chat))
    (scripts / "package.json").write_text('{"type": "module"}')

    assert run(f'await import("{scripts}/joined/chat.js");') == ["at once", "later"]


def test_what_a_module_loads_is_found_from_the_joined_file(scripts: Path) -> None:
    (scripts / "joined").mkdir()
    (scripts / "elements/log").mkdir(parents=True)
    (scripts / "elements/log/top.js").write_text(
        'const LATER = "../../lib/later.js";\n'
        'import("../../lib/late.js").then(() => import(LATER));\n'
    )
    (scripts / "lib/late.js").write_text("globalThis.when = ['late'];\n")
    (scripts / "lib/later.js").write_text(
        "console.log(JSON.stringify([...globalThis.when, 'later']));\n"
    )
    (scripts / "chat.js").write_text('import "./elements/log/top.js";\n')
    (scripts / "package.json").write_text('{"type": "module"}')
    (scripts / "joined/chat.js").write_text(Joiner(scripts).join(scripts / "chat.js"))

    assert run(f'await import("{scripts}/joined/chat.js");') == ["late", "later"]


def test_a_module_that_has_changed_is_read_again(scripts: Path) -> None:
    begin, joiner = scripts / "begin.js", Joiner()
    begin.write_text("console.log(1);\n")
    assert run(joiner.join(begin)) == 1

    begin.write_text("console.log(22);\n")

    assert run(joiner.join(begin)) == 22


@pytest.mark.parametrize(
    "line",
    [
        'import thing from "./lib/other.js";',
        'import * as thing from "./lib/other.js";',
        "export default 1;",
        "export { thing };",
        'export * from "./lib/other.js";',
        "export let count = 0;",
        'import { say as tell } from "./lib/words.js";',
    ],
)
def test_what_cannot_be_joined_is_an_error_and_not_a_wrong_page(scripts: Path, line: str) -> None:
    (scripts / "lib/words.js").write_text("export const say = 1;\n")
    (scripts / "begin.js").write_text(f"{line}\n")

    with pytest.raises(UnsupportedModule, match="begin"):
        Joiner().join(scripts / "begin.js")


def test_two_modules_that_export_the_same_name_cannot_be_joined(scripts: Path) -> None:
    (scripts / "begin.js").write_text('import { a } from "./lib/a.js";\nimport "./lib/b.js";\n')
    for name in ("a", "b"):
        (scripts / f"lib/{name}.js").write_text("export const a = 1;\n")

    with pytest.raises(UnsupportedModule, match=r"b.js and a.js both export a"):
        Joiner().join(scripts / "begin.js")


def test_modules_that_import_each_other_cannot_be_joined(scripts: Path) -> None:
    (scripts / "begin.js").write_text('import { b } from "./lib/b.js";\nexport const a = 1;\n')
    (scripts / "lib/b.js").write_text('import { a } from "../begin.js";\nexport const b = a;\n')

    with pytest.raises(UnsupportedModule, match="import each other"):
        Joiner().join(scripts / "begin.js")


def test_the_scripts_of_the_chat_are_one_file_and_nothing_is_sent_twice(browser: Browser) -> None:
    answer = browser.get("/static/js/joined/chat.js")
    later = browser.get("/static/js/joined/later.js")
    files = browser.get("/static/js/joined/files.js")

    ours = {
        str(path.relative_to(modules.SCRIPTS))
        for folder in ("lib", "models", "elements")
        for path in (modules.SCRIPTS / folder).rglob("*.js")
    }
    joined = re.findall(r"^// (\S+\.js)$", answer.text + later.text + files.text, re.MULTILINE)
    of_other_pages = {
        "elements/page/first-steps.js",
        "elements/page/language-switch.js",
        "elements/page/theme-switch.js",
        "elements/people/photo-field.js",
    }
    loaded_one_by_one = {
        "elements/people/invitee-field.js",
        "elements/people/recipient-picker.js",
        "elements/message/reply-swipe.js",
        "elements/log/touch-gestures.js",
        "models/people/recipients.js",
        "lib/browser/keyboard-cover.js",
        "lib/browser/sound.js",
        *(
            "lib/markdown/code-blocks.js",
            "lib/markdown/diagrams.js",
            "lib/text/emoji.js",
            "lib/markdown/highlighting.js",
            "lib/markdown/markdown-rules.js",
            "lib/markdown/math.js",
            "lib/markdown/rich-parts.js",
            "lib/messages/spoken.js",
        ),
    }
    assert sorted(joined) == sorted(
        ours - of_other_pages - loaded_one_by_one
        | {"connection.js", "chat.js", "later.js", "files.js", "offline.js"}
    )
    assert answer.text.count("class Emitter ") == 1
    headers = {"If-None-Match": answer.headers["ETag"]}
    assert browser.get("/static/js/joined/chat.js", headers=headers).status_code == 304


def test_a_start_reads_no_script_and_the_first_page_does(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    really_read = Module.read
    monkeypatch.setattr(
        Module, "read", lambda path, root: read.append(path) or really_read(path, root)
    )

    app = make_app(make_accounts())

    assert read == []
    with app.test_request_context():
        assert "message.deleted" in words_in("en").for_scripts
    assert len(read) == len(set(read)) > 50


@pytest.mark.parametrize("name", ["nothing", "..", "lib/browser/ids"])
def test_what_is_no_script_of_a_page_is_not_there(browser: Browser, name: str) -> None:
    assert browser.get(f"/static/js/joined/{name}.js").status_code == 404
