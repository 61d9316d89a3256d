/* The part of the page that is about files: those of messages, those that one is about to send, and all of
   a room; and about what else is drawn under a text, such as polls. chat.js loads it when there is a first one;
   it shares the modules of chat.js. */

import { ComposerFiles } from "./elements/composer/composer-files.js";
import "./elements/files/file-drop.js";
import { FileViewer } from "./elements/files/file-viewer.js";
import { showForwarded } from "./elements/message/forwarded-from.js";
import { LinkPreviews, showPreviews } from "./elements/message/link-previews.js";
import { showVia } from "./elements/message/via-label.js";
import { MessageFiles } from "./elements/files/message-files.js";
import { MessagePoll, showPoll } from "./elements/message/message-poll.js";
import { showVoters } from "./elements/message/poll-voters.js";
import { RoomFiles } from "./elements/files/room-files.js";
import { filesPart } from "./lib/page/files-part.js";
import { sizeInWords } from "./lib/files/files.js";
import { newId } from "./lib/browser/ids.js";
import { sizeOfPicture } from "./lib/files/pictures.js";
import { sendFile } from "./lib/files/sending-files.js";
import { inTurn } from "./lib/browser/turns.js";
import { closePoll, vote } from "./models/message/poll-acts.js";
import { Uploads } from "./models/files/uploads.js";

/** @import { Database } from "./lib/storage/database.js" */
/** @import { Shelf } from "./lib/storage/shelf.js" */
/** @import { Chat } from "./models/chat.js" */

const BLOBS = "blobs";

/** @param {Chat} chat @param {{ tables: Database, shelf: Shelf }} kept */
export function beginFiles(chat, { tables, shelf }) {
  const uploads = new Uploads({
    me: chat.me,
    shelf,
    blobs: {
      get: (key) => tables.get(BLOBS, key),
      put: (key, blob) => tables.put(BLOBS, key, blob),
      delete: (key) => tables.delete(BLOBS, key),
    },
    send: sendFile,
    newId,
    later: chat.later,
    maxBytes: () => chat.place.maxFileBytes,
    measure: sizeOfPicture,
    sizeInWords,
    alone: (key, step) => inTurn(`upload.${key}`, step),
  });
  const viewer = new FileViewer(chat);
  MessageFiles.begin(chat, uploads, viewer);
  RoomFiles.begin(chat, viewer);
  LinkPreviews.chat = chat;
  MessagePoll.chat = chat;
  filesPart.pollActs = { vote, closePoll, showVoters };
  filesPart.showPreviews = (row) => {
    showPreviews(row);
    showPoll(row);
    showForwarded(row);
    showVia(row);
  };
  filesPart.send = sendFile;
  for (const each of document.querySelectorAll("composer-files")) if (each instanceof ComposerFiles) each.begin(chat, uploads);
  return chat.takeUploads(uploads);
}
