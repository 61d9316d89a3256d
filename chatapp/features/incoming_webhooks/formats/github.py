"""Events of GitHub. What an event has no sentence for, is named as unknown and not posted.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Callable

from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.forge import (
    MAX_READ,
    commits_of,
    counted,
    headline,
    listed,
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
)

Reader = Callable[[PayloadPart, str], str]
"""The message for an event and its action; empty if there is none."""


def github(payload: object, event: str) -> Converted:
    """`event` is the header `X-GitHub-Event`."""
    unknown = Unknown()
    return converted(PayloadPart(payload, "", unknown), event, EVENTS, unknown)


def converted(
    part: PayloadPart, event: str, events: dict[str, Reader], unknown: Unknown
) -> Converted:
    reader, action = events.get(event), part.text("action")
    text = reader(part, action) if reader else ""
    if not text:
        unknown.add(words(f"the event {event}", action and f"({action})"))
    return Converted(text=text, unknown=unknown, is_elsewhere=True)


def _who(part: PayloadPart) -> str:
    sender = part.part("sender")
    name = sender.text("login") or sender.text("username")
    return link(name, sender.text("html_url")) or "Somebody"


def _line(part: PayloadPart, *said: str) -> str:
    return headline(part.part("repository"), _who(part), *said)


def _ping(part: PayloadPart, _action: str) -> str:
    where = part.part("repository") or part.part("organization")
    name = where.text("full_name") or where.text("login")
    return f"👋 This webhook is connected to {link(name, where.text('html_url')) or 'a site'}."


# Code


def push(part: PayloadPart, _action: str) -> str:
    ref, commits = part.text("ref"), part.parts("commits", MAX_READ)
    is_tag = ref.startswith("refs/tags/")
    where = words("the tag" if is_tag else "", code(short_ref(ref)))
    if part.flag("deleted"):
        return _line(part, f"🗑️ deleted {where}")
    if not commits:
        return _line(part, f"created {where}") if part.flag("created") or is_tag else ""
    total = part.number("total_commits") or len(commits)
    compare = part.text("compare") or part.text("compare_url")
    force = "force-pushed" if part.flag("forced") else "pushed"
    first = _line(part, force, linked(counted(total, "commit"), compare), f"to {where}")
    return joined(first, commits_of(commits, total=total))


def created(part: PayloadPart, _action: str) -> str:
    return _line(part, f"created the {line(part.text('ref_type'))}", code(part.text("ref")))


def deleted(part: PayloadPart, _action: str) -> str:
    return _line(part, f"deleted the {line(part.text('ref_type'))}", code(part.text("ref")))


def forked(part: PayloadPart, _action: str) -> str:
    fork = part.part("forkee")
    return _line(part, "made a fork:", link(fork.text("full_name"), fork.text("html_url")))


def _commit_comment(part: PayloadPart, action: str) -> str:
    comment = part.part("comment")
    commit = linked(code(comment.text("commit_id")[:8]), comment.text("html_url"))
    if action not in ("created", ""):
        return ""
    return joined(_line(part, f"commented on {commit}"), said(comment.text("body")))


# Issues, pull requests, discussions

_DONE = {
    "opened": "opened",
    "closed": "closed",
    "reopened": "reopened",
    "deleted": "deleted",
    "transferred": "transferred",
    "pinned": "pinned",
    "locked": "locked",
    "ready_for_review": "made ready for review",
    "converted_to_draft": "made a draft of",
    "assigned": "assigned",
    "unassigned": "unassigned",
    "review_requested": "asked for a review of",
    "milestoned": "set the milestone of",
    "labeled": "labelled",
    "unlabeled": "removed a label of",
    "edited": "edited",
    "synchronize": "pushed to",
    "synchronized": "pushed to",
    "created": "started",
    "answered": "answered",
}


def _titled(part: PayloadPart, name: str, kind: str) -> str:
    of = part.part(name)
    number = of.text("number")
    return title_of(kind, number and f"#{number}", of.text("title"), of.text("html_url"))


def issue(part: PayloadPart, action: str) -> str:
    if action not in _DONE:
        return ""
    first = _line(part, _DONE[action], _titled(part, "issue", "issue"), _detail(part, action))
    return joined(first, said(part.part("issue").text("body")) if action == "opened" else "")


def pull_request(part: PayloadPart, action: str) -> str:
    if action not in _DONE:
        return ""
    request = part.part("pull_request")
    is_merged = action == "closed" and request.flag("merged")
    verb = "🎉 merged" if is_merged else _DONE[action]
    branches = f"({code(request.part('head').text('ref'))} → {code(_base(request))})"
    is_about_code = action in ("opened", "reopened", "synchronize", "synchronized") or is_merged
    first = _line(
        part,
        verb,
        _titled(part, "pull_request", "pull request"),
        branches if is_about_code and _base(request) else _detail(part, action),
    )
    return joined(first, said(request.text("body")) if action == "opened" else "")


def _base(request: PayloadPart) -> str:
    return request.part("base").text("ref")


def _detail(part: PayloadPart, action: str) -> str:
    """Whom or what it concerns."""
    if action in ("assigned", "unassigned"):
        return _brackets(part.part("assignee").text("login"))
    if action in ("labeled", "unlabeled"):
        return _brackets(part.part("label").text("name"))
    if action == "review_requested":
        reviewer, team = part.part("requested_reviewer"), part.part("requested_team")
        return _brackets(reviewer.text("login") or team.text("name"))
    return ""


def _brackets(name: str) -> str:
    return f"({line(name, 60)})" if name else ""


def issue_comment(part: PayloadPart, action: str) -> str:
    if action != "created":
        return ""
    kind = "pull request" if part.flag("is_pull") or part.part("issue").part("pull_request") else ""
    return joined(
        _line(part, _commented(part), "on", _titled(part, "issue", kind or "issue")),
        said(part.part("comment").text("body")),
    )


def _commented(part: PayloadPart) -> str:
    return link("commented", part.part("comment").text("html_url"))


def _review(part: PayloadPart, action: str) -> str:
    review = part.part("review")
    verb = {
        "approved": "✅ approved",
        "changes_requested": "✋ asked for changes in",
        "commented": "commented on",
    }.get(review.text("state").lower())
    if action != "submitted" or verb is None:
        return ""
    where = _titled(part, "pull_request", "pull request")
    return joined(_line(part, verb, where), said(review.text("body")))


def _review_comment(part: PayloadPart, action: str) -> str:
    if action != "created":
        return ""
    comment = part.part("comment")
    path = code(comment.text("path"))
    where = words("on", _titled(part, "pull_request", "pull request"), path and f"in {path}")
    return joined(_line(part, _commented(part), where), said(comment.text("body")))


def _discussion(part: PayloadPart, action: str) -> str:
    if action not in _DONE:
        return ""
    first = _line(part, _DONE[action], _titled(part, "discussion", "discussion"))
    body = part.part("discussion").text("body")
    return joined(first, said(body) if action == "created" else "")


def _discussion_comment(part: PayloadPart, action: str) -> str:
    if action != "created":
        return ""
    where = _titled(part, "discussion", "discussion")
    return joined(
        _line(part, _commented(part), "on", where), said(part.part("comment").text("body"))
    )


# Releases, checks, deployments


def release(part: PayloadPart, action: str) -> str:
    if action not in ("published", "released", "prereleased", "deleted", "updated"):
        return ""
    about = part.part("release")
    name = link(about.text("name") or about.text("tag_name"), about.text("html_url"))
    kind = "pre-release" if about.flag("prerelease") else "release"
    if action in ("deleted", "updated"):
        return _line(part, f"{action} the {kind}", name)
    return joined(_line(part, f"🚀 published the {kind}", name), said(about.text("body")))


def _run(name: str, kind: str) -> Reader:
    """A run of a workflow, a job or a check, when it has ended."""

    def reader(part: PayloadPart, action: str) -> str:
        run = part.part(name)
        outcome = run.text("conclusion")
        if action != "completed" or not outcome:
            return ""
        title = run.text("name") or run.part("app").text("name") or kind
        branch = code(run.text("head_branch"))
        said = f"{result(outcome)} {kind} {link(title, run.text('html_url'))}"
        ended = f"ended: {line(outcome.replace('_', ' '))}"
        return headline(part.part("repository"), said, branch and f"on {branch}", ended)

    return reader


def status(part: PayloadPart, _action: str) -> str:
    state = part.text("state")
    if state in ("pending", ""):
        return ""
    name = link(part.text("context") or "status", part.text("target_url"))
    commit = code((part.text("sha") or part.text("id"))[:8])
    about = line(part.text("description"))
    return headline(
        part.part("repository"),
        f"{result(state)} {name} of {commit}: {line(state)}",
        about and f"({about})",
    )


def _deployment_status(part: PayloadPart, _action: str) -> str:
    status, deployment = part.part("deployment_status"), part.part("deployment")
    state = status.text("state")
    if not state:
        return ""
    where = status.text("environment") or deployment.text("environment")
    address = status.text("environment_url") or status.text("target_url")
    said = f"{result(state)} deployment to {link(where, address)}: {line(state)}"
    return headline(part.part("repository"), said)


# Alerts and the rest


def _alert(kind: str, name: str) -> Reader:
    def reader(part: PayloadPart, action: str) -> str:
        alert = part.part("alert")
        if not action:
            return ""
        about = alert.part("security_advisory").text("summary") or alert.part("rule").text(
            "description"
        )
        title = about or alert.text("secret_type_display_name") or kind
        level = alert.part("security_advisory").text("severity") or alert.part("rule").text(
            "severity"
        )
        said = f"⚠️ {kind} {line(action.replace('_', ' '))}: {link(title, alert.text('html_url'))}"
        return headline(part.part(name), said, _brackets(level))

    return reader


def _starred(part: PayloadPart, action: str) -> str:
    return _line(part, "⭐ starred it") if action in ("created", "started") else ""


def _wiki(part: PayloadPart, _action: str) -> str:
    pages = [
        f"- {line(page.text('action'))} {link(page.text('title'), page.text('html_url'))}"
        for page in part.parts("pages", 10)
    ]
    return joined(_line(part, "changed the wiki"), *pages)


def _member(part: PayloadPart, action: str) -> str:
    name = line(part.part("member").text("login"))
    return _line(part, f"{line(action)} {name} as a collaborator") if action else ""


def _public(part: PayloadPart, _action: str) -> str:
    return _line(part, "made it public")


def repository(part: PayloadPart, action: str) -> str:
    return _line(part, f"{line(action)} the repository") if action else ""


def _team(part: PayloadPart, action: str) -> str:
    return _line(part, f"{line(action)}: the team {listed([part.part('team').text('name')])}")


EVENTS: dict[str, Reader] = {
    "ping": _ping,
    "push": push,
    "create": created,
    "delete": deleted,
    "fork": forked,
    "commit_comment": _commit_comment,
    "issues": issue,
    "issue_comment": issue_comment,
    "pull_request": pull_request,
    "pull_request_review": _review,
    "pull_request_review_comment": _review_comment,
    "discussion": _discussion,
    "discussion_comment": _discussion_comment,
    "release": release,
    "workflow_run": _run("workflow_run", "workflow"),
    "workflow_job": _run("workflow_job", "job"),
    "check_run": _run("check_run", "check"),
    "check_suite": _run("check_suite", "checks of"),
    "status": status,
    "deployment_status": _deployment_status,
    "dependabot_alert": _alert("Dependabot alert", "repository"),
    "code_scanning_alert": _alert("code scanning alert", "repository"),
    "secret_scanning_alert": _alert("secret scanning alert", "repository"),
    "star": _starred,
    "gollum": _wiki,
    "member": _member,
    "public": _public,
    "repository": repository,
    "team_add": _team,
}
