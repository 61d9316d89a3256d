/* <link-previews>: what the pages of a message's links said of themselves, under its text. The server renders
   the same: templates/_previews.html. Nothing here asks another host: it is all part of the message. */

import { fileUrl } from "../../lib/files/files.js";
import { drawnButton, node } from "../../lib/page/nodes.js";
import { t } from "../../lib/text/words.js";

/** @import { MessageRow } from "./message-row.js" */
/** @import { Chat } from "../../models/chat.js" */
/** @import { LinkPreview } from "../../types.js" */

export class LinkPreviews extends HTMLElement {
  /** @type {Chat} */
  static chat;
  #drawn = "";

  /** @param {MessageRow} row */
  show({ message }) {
    const { previews = [] } = message;
    const mayRemove = LinkPreviews.chat.changes.mayDelete(message);
    const drawn = JSON.stringify([previews, mayRemove]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.replaceChildren(...previews.map(card));
    if (mayRemove) this.append(drawnButton("close", t("preview.remove"), "hide-previews"));
  }
}

/** Under the text of a row, or nowhere where it has none.
    @param {MessageRow} row */
export function showPreviews(row) {
  const there = row.node.querySelector(":scope > link-previews");
  if (!row.message.previews?.length) return there?.remove();
  const previews = /** @type {LinkPreviews} */ (there ?? document.createElement("link-previews"));
  if (!there) row.node.querySelector(".reactions")?.before(previews);
  previews.show(row);
}

/** @param {LinkPreview} preview */
function card({ url, title, text, site, image }) {
  const link = node("a", { className: "link-preview", href: url, target: "_blank", rel: "noopener noreferrer", dir: "auto" });
  if (site) link.append(node("span", { className: "site" }, site));
  link.append(node("span", { className: "title" }, title));
  if (text) link.append(node("span", { className: "about" }, text));
  if (image) link.append(node("img", { src: fileUrl(image), width: image.width, height: image.height, alt: "", loading: "lazy" }));
  return link;
}

customElements.define("link-previews", LinkPreviews);
