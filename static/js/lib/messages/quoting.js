/* Messages as Markdown: quoted in another one, and as a transcript. `shown(name)` is what people are called,
   `link(message)` the address of a message, `file(file)` that of a file. The terminal quotes in the same way: chatapp/client/terminal/forwarding.py. */

/** @import { FileInfo, Message } from "../../types.js" */
/** @typedef {{ shown: (name: string) => string, link: (message: Message) => string, file?: (file: FileInfo) => string, moment: (at: string) => string }} Saying */

/** The lines of a quote, under the name of the author.
    @param {Message} message @param {Saying} saying */
export function quoted(message, { shown, link, moment }) {
  const { sender, at } = message.forwarded ?? message;
  const lines = [`**${plain(shown(sender))}** [${moment(at)}](${link(message)})`, ...message.text.split("\n")];
  return lines.map((line) => `> ${line}`.trimEnd()).join("\n");
}

/** What several messages say, one after another; of one alone, exactly its text.
    @param {Message[]} messages @param {Saying} saying */
export function transcript(messages, saying) {
  const [first, ...others] = messages;
  if (others.length === 0 && first.text) return first.text;
  return messages.map((message) => part(message, saying)).join("\n\n");
}

/** @param {Message} message @param {Saying} saying */
function part(message, { shown, moment, file: addressOf = ({ name }) => name }) {
  const { sender, at, forwarded, text, files = [] } = message;
  const author = forwarded ? ` (${plain(shown(forwarded.sender))}, ${moment(forwarded.at)})` : "";
  const there = files.filter(({ removed }) => !removed);
  const linked = there.map((file) => `${file.type.startsWith("image/") ? "!" : ""}[${plain(file.alt || file.name)}](${addressOf(file)})`);
  return [`**${plain(shown(sender))}**${author}, ${moment(at)}`, text, ...linked].filter(Boolean).join("\n\n");
}

/** Signs that Markdown would take for its own.
    @param {string} text */
function plain(text) {
  return text.replace(/[\\`*_[\]<>!|]/g, "\\$&");
}
