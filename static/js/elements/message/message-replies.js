/* The thread of a message, folded: one quiet line under it, "12 replies · 3 new · last at 10:42", with the
   faces of those who answered last. It opens the thread; a second button opens it in the other way, beside
   the room or in it. */

import { newFlag } from "../../lib/page/flag.js";
import { cloned, part, write } from "../../lib/page/parts.js";
import { clockOf, dayName, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";

/** @import { Replies } from "../../wire.js" */
/** @import { People } from "../../models/people/people.js" */

/** Under a row, or nothing where nobody has answered.
    @param {HTMLElement} row @param {Replies | undefined} replies @param {number} unread @param {People} people */
export function showReplies(row, replies, unread, people) {
  const old = /** @type {HTMLElement | null} */ (row.querySelector(":scope > .replies"));
  if (!replies?.count) return void old?.remove();
  const line = old ?? cloned(part(document, ".folded-thread", HTMLTemplateElement));
  if (!old) row.append(line);
  const { count, last, by, title } = replies;
  part(line, ".replies-by").replaceChildren(...by.map((name) => newFlag(people.flag(name), "flag")));
  write(part(line, ".replies-title"), title ?? "");
  write(part(line, ".replies-count"), t("thread.replies", { count }));
  write(part(line, ".replies-new"), unread ? t("thread.new", { count: unread }) : "");
  const time = part(line, "time", HTMLTimeElement);
  const day = dayName(last);
  const isToday = day === dayName(new Date().toISOString());
  Object.assign(time, { dateTime: last, title: exactly(last) });
  write(time, isToday ? t("thread.last.today", { at: clockOf(last) }) : t("thread.last", { at: day }));
}
