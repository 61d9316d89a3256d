"""What machines do: releases, workflows and checks, statuses, deployments."""

from chatapp.features.incoming_webhooks.formats.forge import headline, result, said
from chatapp.features.incoming_webhooks.formats.github.sentences import Reader, sentence
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.writing import code, joined, line, link


def release(part: PayloadPart, action: str) -> str:
    if action not in ("published", "released", "prereleased", "deleted", "updated"):
        return ""
    about = part.part("release")
    name = link(about.text("name") or about.text("tag_name"), about.text("html_url"))
    kind = "pre-release" if about.flag("prerelease") else "release"
    if action in ("deleted", "updated"):
        return sentence(part, f"{action} the {kind}", name)
    return joined(sentence(part, f"🚀 published the {kind}", name), said(about.text("body")))


def run(name: str, kind: str) -> Reader:
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


def deployment_status(part: PayloadPart, _action: str) -> str:
    status, deployment = part.part("deployment_status"), part.part("deployment")
    state = status.text("state")
    if not state:
        return ""
    where = status.text("environment") or deployment.text("environment")
    address = status.text("environment_url") or status.text("target_url")
    said = f"{result(state)} deployment to {link(where, address)}: {line(state)}"
    return headline(part.part("repository"), said)
