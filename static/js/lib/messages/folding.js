/* What becomes of a message when something happens to it. The server folds by the same rules,
   chatapp/index/fold.py; folding an event in twice is the same as once. */

/** @import { FileInfo, LoggedEvent, Message, RoomEvent } from "../../types.js" */

const GONE = { text: "", files: undefined, previews: undefined, poll: undefined, edited_at: undefined, reactions: {} };

/** The message with an edit, a deletion or a reaction in it: another value, or the same one.
    @param {Message} message @param {RoomEvent} event @returns {Message} */
export function fold(message, event) {
  if (message.deleted_by) return message;
  switch (event.type) {
    case "edit":
      if (event.files) return { ...message, files: withoutRemoved(message.files ?? [], event.files) };
      if (event.previews) return { ...message, previews: event.previews };
      if (event.poll) return { ...withVotes({ ...message, poll: event.poll }, { ...message.poll?.votes, ...event.poll.votes }), text: event.text ?? "" };
      return {
        ...message,
        text: event.text ?? "",
        edited_at: event.at,
        erased_at: event.erased_at,
        previews: message.previews?.filter((preview) => event.text?.includes(preview.url)),
      };
    case "delete":
      return { ...message, ...GONE, deleted_by: event.sender, moved_to: event.moved_to };
    case "react":
      if (event.votes) return withVotes(message, { ...message.poll?.votes, ...event.votes });
      return { ...message, reactions: reacted(message.reactions ?? {}, event) };
    default:
      return message;
  }
}

/** @param {Message} message @param {any} votes what is told of them, which need not say what one has chosen oneself
    @returns {Message} */
function withVotes(message, votes) {
  return message.poll ? { ...message, poll: { ...message.poll, votes } } : message;
}

/** A message of which only its place is left.
    @param {Message} message @param {string} at @returns {Message} */
export function erased(message, at) {
  return { ...message, text: "", files: undefined, previews: undefined, poll: undefined, edited_at: undefined, erased_at: at };
}

/** An admin has removed some: of those, only the kind and the size are left, in their places.
    @param {FileInfo[]} files @param {FileInfo[]} removed */
function withoutRemoved(files, removed) {
  const gone = new Set(removed.map(({ sha256 }) => sha256));
  return files.map((file) => (gone.has(file.sha256) ? { ...file, name: "", alt: undefined, removed: true } : file));
}

/** A root with one more reply in its thread, or with another title of it. What is counted already changes
    nothing.
    @param {Message} root @param {LoggedEvent} reply @returns {Message} */
export function replied(root, { seq, sender, at, text = "", system }) {
  const { replies } = root;
  if (system) return replies && system.what === "titled" ? { ...root, replies: { ...replies, title: quotedIn(text, sender) } } : root;
  if (replies && seq <= replies.last_seq) return root;
  const by = [sender, ...(replies?.by ?? []).filter((name) => name !== sender)].slice(0, SHOWN_AT_MOST);
  return { ...root, replies: { ...replies, count: (replies?.count ?? 0) + 1, last: at, last_seq: seq, by } };
}

const SHOWN_AT_MOST = 3;

/** What stands between “ and ” behind the name that a line of the chat begins with.
    @param {string} text @param {string} sender */
export function quotedIn(text, sender) {
  return /“(.*)”/su.exec(text.slice(sender.length))?.[1];
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
