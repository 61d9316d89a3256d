/* <inbox-link>: the way to the inbox in the sidebar, and how much is in it. */

import { SideLink } from "../page/side-link.js";
import { showBadge } from "../page/unread-badge.js";

/** @import { Chat } from "../../models/chat.js" */

class InboxLink extends SideLink {
  /** @param {Chat} chat */
  attend(chat) {
    this.begin(chat, "inbox", ["rooms", "room", "opened", "view"]);
  }

  showBadge() {
    const calling = [...this.chat.rooms.values()].filter((room) => room.calling > 0);
    const count = sum(calling.map((room) => room.calling));
    showBadge(this.badge, { calling: count, unread: count, mentions: sum(calling.map(({ mentions }) => mentions)) });
  }
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((all, number) => all + number, 0);
}

customElements.define("inbox-link", InboxLink);
