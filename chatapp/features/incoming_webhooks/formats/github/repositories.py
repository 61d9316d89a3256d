"""The repository itself: alerts about it, its stars, wiki, members and teams."""

from chatapp.features.incoming_webhooks.formats.forge import headline, listed
from chatapp.features.incoming_webhooks.formats.github.sentences import Reader, brackets, sentence
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.writing import joined, line, link


def ping(part: PayloadPart, _action: str) -> str:
    where = part.part("repository") or part.part("organization")
    name = where.text("full_name") or where.text("login")
    return f"👋 This webhook is connected to {link(name, where.text('html_url')) or 'a site'}."


def alert(kind: str, name: str) -> Reader:
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
        return headline(part.part(name), said, brackets(level))

    return reader


def starred(part: PayloadPart, action: str) -> str:
    return sentence(part, "⭐ starred it") if action in ("created", "started") else ""


def wiki(part: PayloadPart, _action: str) -> str:
    pages = [
        f"- {line(page.text('action'))} {link(page.text('title'), page.text('html_url'))}"
        for page in part.parts("pages", 10)
    ]
    return joined(sentence(part, "changed the wiki"), *pages)


def member(part: PayloadPart, action: str) -> str:
    name = line(part.part("member").text("login"))
    return sentence(part, f"{line(action)} {name} as a collaborator") if action else ""


def public(part: PayloadPart, _action: str) -> str:
    return sentence(part, "made it public")


def repository(part: PayloadPart, action: str) -> str:
    return sentence(part, f"{line(action)} the repository") if action else ""


def team(part: PayloadPart, action: str) -> str:
    return sentence(part, f"{line(action)}: the team {listed([part.part('team').text('name')])}")
