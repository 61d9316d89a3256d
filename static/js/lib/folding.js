/* What becomes of a message when something happens to it. The server folds by the same rules,
   chatapp/index/fold.py; folding an event in twice is the same as once. */

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

/** An emoji in its one spelling, as chatapp/domain/emoji.py has it: the sign that asks for the picture
    stands where the picture needs it, and nowhere else. Pickers and keyboards differ.
    @param {string} emoji */
export function spelled(emoji) {
  return emoji.replace(/[\ufe0e\ufe0f]/g, "").replace(NEEDS_STYLE, "$&\ufe0f");
}

const NEEDS_STYLE =
  /(?![0-9#*]|\p{Emoji_Presentation}|\p{Emoji_Modifier})\p{Emoji}(?!\p{Emoji_Modifier})|[0-9#*](?=\u20e3)/gu;

/** @param {Record<string, string[]>} reactions @param {RoomEvent} event */
function reacted(reactions, { emoji: picked = "", sender, on }) {
  const emoji = spelled(picked);
  const others = (reactions[emoji] ?? []).filter((name) => name !== sender);
  const names = on ? [...others, sender] : others;
  const { [emoji]: _, ...rest } = reactions;
  if (names.length === 0) return rest;
  return emoji in reactions ? { ...reactions, [emoji]: names } : { ...rest, [emoji]: names };
}
