"""Pushes, branches, tags, forks, and comments on commits."""

from chatapp.features.incoming_webhooks.formats.forge import (
    MAX_READ,
    commits_of,
    counted,
    said,
    short_ref,
    words,
)
from chatapp.features.incoming_webhooks.formats.github.sentences import sentence
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.writing import code, joined, line, link, linked


def push(part: PayloadPart, _action: str) -> str:
    ref, commits = part.text("ref"), part.parts("commits", MAX_READ)
    is_tag = ref.startswith("refs/tags/")
    where = words("the tag" if is_tag else "", code(short_ref(ref)))
    if part.flag("deleted"):
        return sentence(part, f"🗑️ deleted {where}")
    if not commits:
        return sentence(part, f"created {where}") if part.flag("created") or is_tag else ""
    total = part.number("total_commits") or len(commits)
    compare = part.text("compare") or part.text("compare_url")
    force = "force-pushed" if part.flag("forced") else "pushed"
    first = sentence(part, force, linked(counted(total, "commit"), compare), f"to {where}")
    return joined(first, commits_of(commits, total=total))


def created(part: PayloadPart, _action: str) -> str:
    return sentence(part, f"created the {line(part.text('ref_type'))}", code(part.text("ref")))


def deleted(part: PayloadPart, _action: str) -> str:
    return sentence(part, f"deleted the {line(part.text('ref_type'))}", code(part.text("ref")))


def forked(part: PayloadPart, _action: str) -> str:
    fork = part.part("forkee")
    return sentence(part, "made a fork:", link(fork.text("full_name"), fork.text("html_url")))


def commit_comment(part: PayloadPart, action: str) -> str:
    comment = part.part("comment")
    commit = linked(code(comment.text("commit_id")[:8]), comment.text("html_url"))
    if action not in ("created", ""):
        return ""
    return joined(sentence(part, f"commented on {commit}"), said(comment.text("body")))
