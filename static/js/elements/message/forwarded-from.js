/* <forwarded-from>: over the text of a forwarded message, who wrote it, when, and where, if that is told. The server
   renders the same: templates/_message.html. */

import { node } from "../../lib/page/nodes.js";
import { linkTo } from "../../lib/page/routes.js";
import { clockOf, dayOf, exactly, shortDay } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";

/** @import { MessageRow } from "./message-row.js" */
/** @import { Forwarded } from "../../wire.js" */

/** Over the text of a row, or nowhere where it was not forwarded.
    @param {MessageRow} row */
export function showForwarded({ node: row, message, people }) {
  const there = row.querySelector(":scope > forwarded-from");
  const { forwarded } = message;
  if (!forwarded || message.deleted_by) return there?.remove();
  const head = there ?? document.createElement("forwarded-from");
  if (!there) row.querySelector(":scope > .said")?.before(head);
  const [before, after = ""] = t("forwarded.from", { name: "\n" }).split("\n");
  const name = node("bdi", { title: `@${forwarded.sender}` }, people.shown(forwarded.sender));
  head.replaceChildren(before, name, after, " · ", whereOf(forwarded));
}

/** @param {Forwarded} forwarded */
function whereOf({ room, seq, at, private: isPrivate }) {
  const time = node("time", { dateTime: at, title: exactly(at) }, `${shortDay(dayOf(at))}, ${clockOf(at)}`);
  if (room && seq) {
    const link = node("a", { href: linkTo(room, seq) });
    link.append(time);
    return link;
  }
  const where = node("span", {});
  where.append(time);
  if (isPrivate) {
    const button = node("button", { type: "button", className: "word-button" }, t("forwarded.private"));
    button.dataset.do = "original";
    button.title = t("forwarded.original");
    where.append(" · ", button);
  }
  return where;
}
