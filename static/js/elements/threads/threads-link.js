/* <threads-link>: the way to the threads that one follows, in the sidebar, and how many have something new. */

import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { SideLink } from "../page/side-link.js";
import { showBadge } from "../page/unread-badge.js";

/** @import { Chat } from "../../models/chat.js" */

class ThreadsLink extends SideLink {
  /** @param {Chat} chat */
  attend(chat) {
    chat.threads.on("count", () => this.showSoon());
    this.begin(chat, "threads", ["opened", "view"]);
  }

  showBadge() {
    const { count } = this.chat.threads;
    showBadge(this.badge, { calling: count, unread: 0, mentions: 0 });
    part(this.badge, ":last-child").textContent = count ? t("threads.unread", { count }) : "";
  }
}

customElements.define("threads-link", ThreadsLink);
