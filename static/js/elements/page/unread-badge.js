/* One pill for what is unread: a count, or with an @ how often one was called. */

import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";

const MOST_SHOWN = 99;

/** @param {HTMLElement} badge
    @param {{ calling: number, unread: number, mentions: number }} news messages that one wants to be told
      of; of all; and of those that call one */
export function showBadge(badge, { calling, unread, mentions }) {
  const isCalled = calling > 0 && mentions > 0;
  const count = isCalled ? mentions : calling;
  badge.hidden = calling === 0;
  badge.classList.toggle("calls", isCalled);
  badge.classList.toggle("news", !isCalled);
  part(badge, ":first-child").textContent = count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(count);
  const said = unread > 0 ? [t("unread.messages", { count: unread })] : [];
  if (isCalled) said.push(t("unread.mentions", { count: mentions }));
  part(badge, ":last-child").textContent = said.join(", ");
}
