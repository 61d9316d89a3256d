/* Lines that begin with a slash are commands, as in the terminal; elements/composer/slash-commands.js does them. "/me"
   is none: the text keeps it. A path, a number, and what begins with two slashes, is a text. */

const COMMAND = /^\/(?<name>(?=[\p{N}_-]*\p{L})[\p{L}\p{N}_-]+)(?:\s(?<rest>[^]*))?$/u;

/** The command that a text is: `{name, rest}`, or null.
    @param {string} text */
export function commandOf(text) {
  const { name, rest = "" } = COMMAND.exec(text)?.groups ?? {};
  return name === undefined || name.toLowerCase() === "me" ? null : { name: name.toLowerCase(), rest: rest.trim() };
}

/** What is sent of a text: "//invite" says "/invite". Two slashes before anything else are two.
    @param {string} text */
export function said(text) {
  return text.startsWith("//") && COMMAND.test(text.slice(1)) ? text.slice(1) : text;
}
