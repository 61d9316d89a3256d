/* Beside the name of a bot: how the program calls itself that posted by its webhook, or who approved the draft of an
   agent. The server renders the same: templates/_message.html. */

import { node } from "../../lib/page/nodes.js";
import { t } from "../../lib/text/words.js";

/** @import { MessageRow } from "./message-row.js" */

/** In the byline of a row, or nowhere where no program has said it.
    @param {MessageRow} row */
export function showVia({ node: row, message }) {
  const { via } = message;
  row.querySelector(":scope > .byline > .via")?.remove();
  if (!via || message.deleted_by) return;
  const program = [via.emoji, via.name].filter(Boolean).join(" ");
  const words = via.approved_by ? t("message.approved", { name: via.approved_by }) : t("message.via", { name: program });
  row.querySelector(":scope > .byline > .at")?.before(node("span", { className: "via", dir: "auto" }, words));
}
