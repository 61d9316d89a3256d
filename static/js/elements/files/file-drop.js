/* What lies over the conversation while files are dragged over the page: where they go. */

import { node } from "../../lib/page/nodes.js";
import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";

const place = node("div", { className: "drop-here", hidden: true });
place.append(node("p", {}, t("files.drop")));
part(document, "main.conversation").append(place);
document.addEventListener("files-over", (event) => {
  place.hidden = !(/** @type {CustomEvent<boolean>} */ (event).detail);
});
