/* What becomes of a message when something happens to it. The server folds by the same rules,
   chatapp/storage/fold.py; folding an event in twice is the same as once. */

/** @import { Message, RoomEvent } from "../types.js" */

/** The message with an edit, a deletion or a reaction in it: another value, or the same one.
    @param {Message} message @param {RoomEvent} event @returns {Message} */
export function fold(message, event) {
  if (message.deleted_by) return message;
  switch (event.type) {
    case "edit":
      return { ...message, text: event.text ?? "", edited_at: event.at, erased_at: event.erased_at };
    case "delete":
      return { ...message, text: "", edited_at: undefined, deleted_by: event.sender, reactions: {} };
    case "react":
      return { ...message, reactions: reacted(message.reactions ?? {}, event) };
    default:
      return message;
  }
}

/** @param {Record<string, string[]>} reactions @param {RoomEvent} event */
function reacted(reactions, { emoji = "", sender, on }) {
  const others = (reactions[emoji] ?? []).filter((name) => name !== sender);
  const names = on ? [...others, sender] : others;
  const { [emoji]: _, ...rest } = reactions;
  if (names.length === 0) return rest;
  return emoji in reactions ? { ...reactions, [emoji]: names } : { ...rest, [emoji]: names };
}
