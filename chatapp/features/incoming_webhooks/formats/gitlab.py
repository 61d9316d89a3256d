"""Events of GitLab.

https://docs.gitlab.com/user/project/integrations/webhook_events/
"""

from collections.abc import Callable

from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.forge import (
    MAX_READ,
    commits_of,
    counted,
    headline,
    result,
    said,
    short_ref,
    title_of,
    words,
)
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart, Unknown
from chatapp.features.incoming_webhooks.formats.writing import (
    code,
    joined,
    line,
    link,
    linked,
    web_address,
)

NO_COMMIT = "0" * 40
_DONE = {
    "open": "opened",
    "close": "closed",
    "reopen": "reopened",
    "update": "updated",
    "merge": "🎉 merged",
    "approved": "✅ approved",
    "approval": "✅ approved",
    "unapproved": "took back the approval of",
    "unapproval": "took back the approval of",
    "create": "created",
    "delete": "deleted",
}


def gitlab(payload: object) -> Converted:
    unknown = Unknown()
    part = PayloadPart(payload, "", unknown)
    kind = part.text("object_kind")
    reader = EVENTS.get(kind)
    text = reader(part) if reader else ""
    if not text:
        action = part.part("object_attributes").text("action")
        unknown.add(words(f"the event {kind}", action and f"({action})"))
    return Converted(text=text, unknown=unknown, is_elsewhere=True)


def _line(part: PayloadPart, *said: str) -> str:
    return headline(part.part("project"), *said, name="path_with_namespace", url="web_url")


def _who(part: PayloadPart) -> str:
    user = part.part("user")
    name = user.text("name") or user.text("username")
    return line(name or part.text("user_name") or part.text("user_username") or "Somebody")


def _push(part: PayloadPart) -> str:
    ref, before, after = part.text("ref"), part.text("before"), part.text("after")
    is_tag = ref.startswith("refs/tags/")
    where = words("the tag" if is_tag else "", code(short_ref(ref)))
    if after == NO_COMMIT:
        return _line(part, _who(part), f"🗑️ deleted {where}")
    commits = part.parts("commits", MAX_READ)
    total = part.number("total_commits_count") or len(commits)
    if is_tag or not commits:
        return _line(part, _who(part), f"created {where}" if before == NO_COMMIT else where)
    project = web_address(part.part("project").text("web_url"))
    compare = f"{project}/-/compare/{before}...{after}" if project else ""
    first = _line(
        part, _who(part), "pushed", linked(counted(total, "commit"), compare), f"to {where}"
    )
    return joined(first, commits_of(commits, total=total))


def _subject(part: PayloadPart, name: str, kind: str, sign: str) -> str:
    about = part.part(name)
    number = about.text("iid") or about.text("id")
    return title_of(kind, f"{sign}{number}", about.text("title"), about.text("url"))


def _issue(part: PayloadPart) -> str:
    about = part.part("object_attributes")
    action = about.text("action")
    if action not in _DONE:
        return ""
    kind = {"incident": "incident", "task": "task"}.get(about.text("type").lower(), "issue")
    first = _line(part, _who(part), _DONE[action], _subject(part, "object_attributes", kind, "#"))
    return joined(first, said(about.text("description")) if action == "open" else "")


def _merge_request(part: PayloadPart) -> str:
    about = part.part("object_attributes")
    action = about.text("action")
    if action not in _DONE:
        return ""
    source, target = code(about.text("source_branch")), code(about.text("target_branch"))
    first = _line(
        part,
        _who(part),
        _DONE[action],
        _subject(part, "object_attributes", "merge request", "!"),
        f"({source} → {target})" if source and action in ("open", "merge", "reopen") else "",
    )
    return joined(first, said(about.text("description")) if action == "open" else "")


def _note(part: PayloadPart) -> str:
    about = part.part("object_attributes")
    where = ""
    for name, kind, sign in (
        ("merge_request", "merge request", "!"),
        ("issue", "issue", "#"),
        ("snippet", "snippet", "$"),
    ):
        if name in part:
            where = _subject(part, name, kind, sign)
            break
    if "commit" in part and not where:
        commit = part.part("commit")
        where = f"commit {linked(code(commit.text('id')[:8]), commit.text('url'))}"
    commented = link("commented", about.text("url"))
    return joined(
        _line(part, _who(part), commented, where and f"on {where}"), said(about.text("note"))
    )


def _pipeline(part: PayloadPart) -> str:
    about = part.part("object_attributes")
    status = about.text("status")
    if status not in ("success", "failed", "canceled", "skipped"):
        return ""
    project = web_address(part.part("project").text("web_url"))
    number = about.text("id")
    address = about.text("url") or (f"{project}/-/pipelines/{number}" if project else "")
    failed = [
        f"- {result('failed')} {line(job.text('stage'), 60)}: {line(job.text('name'), 60)}"
        for job in part.parts("builds", MAX_READ)
        if job.text("status") == "failed" and not job.flag("allow_failure")
    ]
    first = _line(
        part,
        f"{result(status)} pipeline {link(f'#{number}', address)}",
        f"on {code(about.text('ref'))} by {_who(part)}: {line(status)}",
    )
    return joined(first, *failed[:10])


def _job(part: PayloadPart) -> str:
    status = part.text("build_status")
    if status not in ("success", "failed", "canceled"):
        return ""
    repository = part.part("repository")
    address = web_address(repository.text("homepage"))
    url = f"{address}/-/jobs/{part.text('build_id')}" if address else ""
    name = link(f"{part.text('build_stage')}: {part.text('build_name')}", url)
    where = line(part.text("project_name") or repository.text("name"))
    return words(
        f"**{where}**:" if where else "",
        f"{result(status)} job {name} on {code(short_ref(part.text('ref')))}: {line(status)}",
    )


def _deployment(part: PayloadPart) -> str:
    status = part.text("status")
    where = link(part.text("environment"), part.text("environment_external_url"))
    return (
        _line(part, f"{result(status)} deployment to {where} by {_who(part)}: {line(status)}")
        if status
        else ""
    )


def _release(part: PayloadPart) -> str:
    action = part.text("action")
    verb = {"create": "🚀 published", "update": "updated", "delete": "deleted"}.get(action)
    if verb is None:
        return ""
    name = link(part.text("name") or part.text("tag"), part.text("url"))
    body = said(part.text("description")) if action == "create" else ""
    return joined(_line(part, f"{verb} the release", name), body)


def _wiki(part: PayloadPart) -> str:
    about = part.part("object_attributes")
    verb = _DONE.get(about.text("action"))
    page = link(about.text("title"), about.text("url"))
    return _line(part, _who(part), verb, f"the wiki page {page}") if verb else ""


EVENTS: dict[str, Callable[[PayloadPart], str]] = {
    "push": _push,
    "tag_push": _push,
    "issue": _issue,
    "work_item": _issue,
    "merge_request": _merge_request,
    "note": _note,
    "pipeline": _pipeline,
    "build": _job,
    "deployment": _deployment,
    "release": _release,
    "wiki_page": _wiki,
}
