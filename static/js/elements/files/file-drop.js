/* What lies over the conversation while files are dragged over the page: where they go. */

import { node } from "../../lib/nodes.js";
import { part } from "../../lib/parts.js";
import { t } from "../../lib/words.js";

const place = node("div", { className: "drop-here", hidden: true });
place.append(node("p", {}, t("files.drop")));
part(document, "main.conversation").append(place);
document.addEventListener("files-over", (event) => {
  place.hidden = !(/** @type {CustomEvent<boolean>} */ (event).detail);
});
