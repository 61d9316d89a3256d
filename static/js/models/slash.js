/* Lines that begin with a slash are commands, as in the terminal. The page knows one, "/me", which the
   text keeps. What looks like another is not to be posted to everyone by mistake; a path, and what
   begins with two slashes, is a text. */

const COMMAND = /^\/(?<name>\p{L}[\p{L}\p{N}_-]*)(?=\s|$)/u;
const KNOWN = new Set(["me"]);

/** The command that a text begins with and that nobody knows here: "/invite"; null where there is none.
    @param {string} text */
export function unknownCommand(text) {
  const name = COMMAND.exec(text)?.groups?.name;
  return name === undefined || KNOWN.has(name.toLowerCase()) ? null : `/${name}`;
}

/** What is sent of a text: "//invite" says "/invite". Two slashes before anything else are two.
    @param {string} text */
export function said(text) {
  return text.startsWith("//") && COMMAND.test(text.slice(1)) ? text.slice(1) : text;
}
