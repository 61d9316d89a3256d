/* What opens over the chat page, and what helps to write, and is not needed before: loaded by
   elements/page/opening.js. It shares the modules of chat.js. */

import "./elements/composer/command-answers.js";
import "./elements/composer/composer-note.js";
import "./elements/lists/day-picker.js";
import "./elements/composer/format-bar.js";
import "./elements/lists/inbox-view.js";
import "./elements/log/log-speech.js";
import "./elements/message/message-actions.js";
import "./elements/composer/message-completion.js";
import "./elements/message/message-deletion.js";
import "./elements/message/message-emoji.js";
import "./elements/message/message-forwarding.js";
import "./elements/message/message-menu.js";
import "./elements/message/message-selection.js";
import "./elements/message/message-versions.js";
import "./elements/log/more-unread.js";
import "./elements/people/new-message.js";
import "./elements/composer/new-poll.js";
import "./elements/page/notice-bell.js";
import "./elements/page/notify-settings.js";
import "./elements/page/own-emoji.js";
import "./elements/people/person-card.js";
import "./elements/people/person-opening.js";
import "./elements/rooms/pins-button.js";
import "./elements/page/pop-menu.js";
import "./elements/message/reminder-picker.js";
import "./elements/rooms/room-browser.js";
import "./elements/rooms/room-details.js";
import "./elements/rooms/room-dialog.js";
import "./elements/rooms/room-leaving.js";
import "./elements/rooms/room-menu.js";
import "./elements/lists/saved-notice.js";
import "./elements/lists/saved-view.js";
import "./elements/lists/search-panel.js";
import "./elements/rooms/section-menu.js";
import "./elements/composer/send-later.js";
import "./elements/page/settings-sheet.js";
import "./elements/page/shortcut-sheet.js";
import "./elements/page/webhook-notice.js";
import "./elements/composer/slash-commands.js";
import "./elements/people/status-dialog.js";
import "./elements/people/status-line.js";
import "./elements/lists/switcher-panel.js";
import "./elements/threads/thread-pane.js";
import "./elements/threads/threads-view.js";

/** Each is told what it shows, like PARTS of chat.js. */
export const LATER_PARTS = [
  "day-picker",
  "command-answers",
  "composer-note",
  "message-actions",
  "notice-bell",
  "format-bar",
  "inbox-view",
  ".inbox drawer-button",
  "room-leaving",
  "room-menu",
  "message-completion",
  "slash-commands",
  "message-deletion",
  "message-forwarding",
  "message-selection",
  "message-versions",
  "new-message",
  "own-emoji",
  "new-poll",
  "notify-settings",
  "person-card",
  "room-dialog",
  "settings-sheet",
  "room-browser",
  "room-details",
  "pins-button",
  "search-panel",
  "shortcut-sheet",
  "switcher-panel",
  "thread-pane",
  "threads-view",
  "saved-view",
  "saved-notice",
  "webhook-notice",
  "reminder-picker",
  "send-later",
  "status-dialog",
  "status-line",
].join();
