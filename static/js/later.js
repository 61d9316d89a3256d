/* What opens over the chat page, and what helps to write, and is not needed before: loaded by
   elements/opening.js. It shares the modules of chat.js. */

import "./elements/day-picker.js";
import "./elements/format-bar.js";
import "./elements/inbox-view.js";
import "./elements/message-completion.js";
import "./elements/message-deletion.js";
import "./elements/message-emoji.js";
import "./elements/message-menu.js";
import "./elements/message-versions.js";
import "./elements/new-message.js";
import "./elements/room-browser.js";
import "./elements/room-details.js";
import "./elements/room-dialog.js";
import "./elements/room-leaving.js";
import "./elements/room-menu.js";
import "./elements/search-panel.js";
import "./elements/section-menu.js";
import "./elements/settings-sheet.js";
import "./elements/slash-commands.js";
import "./elements/switcher-panel.js";
