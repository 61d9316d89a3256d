/* The Markdown of talk, as rules of markdown-it; loaded with it, when a text first needs them.

   Lines stay lines, and their indent stays, as in what people paste; there are no headings, images or
   references. Links, mentions and rooms are those of tokens.js, wherever Markdown leaves text to be
   text; the page has that module already, and hands it over.

   A backslash takes the meaning from the mark behind it. It is left out itself before `*`, a
   backtick, `~`, `[`, `]`, `@`, `#` and `$`, and before what begins a line; anywhere else it is shown, so
   that what people paste stays as it was: ¯\_(ツ)_/¯, \\server\share\_docs.

   chatapp/text/markdown.py does the same for exports; tests/text/markdown.json holds the two to it. */

/** @import { StateBlock, StateCore, StateInline } from "markdown-it" */
/** @import { Names, Rooms, Span } from "../text/tokens.js" */

/** What may be named in a text.
    @typedef {{ names?: Names, rooms?: Rooms, emoji?: Rooms }} Known */
/** What is needed of tokens.js, and of formulas.js.
    @typedef {Pick<typeof import("../text/tokens.js"), "characterAt" | "characterBefore" | "inlineSpans" | "isSpaceless">
      & Pick<typeof import("../text/formulas.js"), "endOfBlock" | "endOfFormula">} Tokens */

const SAFE_LINK = /^(?:https?|mailto):/iu;
const NOT_IN_TALK = ["heading", "lheading", "hr", "reference", "html_block", "html_inline", "entity", "image"];
/** chatapp/text/markdown.py has the same number. */
const BRACKETS_AT_MOST = 500;
const SIGN = /[!-/:-@[-`{-~]/u;
const ESCAPED = "*`~[]@#$";
const BEGINS_A_LINE = /(?:^|\n)[ \t]*(?:\\[-+>#]|[0-9]{1,9}\\[.)])$/u;
const LONGEST_BEGINNING = 16;
const CODE_COLUMNS = 4;
const TASK = /^\[([ xX])\](?= )/u;
const TERMINATOR = /[\n!#$%&*+\-:<=>@[\\\]^_`{}~]/u;
const CJK_SIGN = /[\u3000-\u303f\uff00-\uff65]/u;

const ALLOWED = {
  ALLOWED_TAGS: [
    ...["p", "strong", "em", "s", "a", "span", "code", "pre", "blockquote", "ul", "ol", "li"],
    ...["table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["href", "start", "class"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/iu,
  ADD_URI_SAFE_ATTR: ["start", "class"], // that expression is held against every other attribute
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};
const CLASS = /^(?:language-[\w+#-]+|align-(?:left|center|right)|mention|room|emoji|math(?: display)?)$/u;

/** Gives what makes nodes of a text, from markdown-it and DOMPurify, which are loaded. Mentions and rooms
    are spans of these classes.
    @param {Tokens} tokens @param {(code: HTMLElement) => void} frame puts a block of code into its frame */
export function formatter(tokens, frame) {
  const parser = talkParser(globalThis.markdownit, tokens);
  return (/** @type {string} */ text, /** @type {Known} */ known) => {
    /** @type {DocumentFragment} */
    const fragment = globalThis.DOMPurify.sanitize(parser.render(text, { ...known }), ALLOWED);
    for (const node of fragment.querySelectorAll("[class]")) {
      if (!CLASS.test(node.className)) node.removeAttribute("class");
    }
    for (const table of fragment.querySelectorAll("table")) makeScrollable(table);
    for (const code of fragment.querySelectorAll("pre")) frame(code);
    return [...fragment.childNodes];
  };
}

/** @param {Element} table */
function makeScrollable(table) {
  const frame = document.createElement("div");
  frame.className = "table-frame";
  frame.tabIndex = 0;
  table.replaceWith(frame);
  frame.append(table);
}

/** The parser of talk, from markdown-it's factory.
    @param {typeof import("markdown-it").default} markdownIt @param {Tokens} tokens */
export function talkParser(markdownIt, tokens) {
  const parser = markdownIt({ html: false, linkify: false });
  parser.disable(NOT_IN_TALK);
  parser.validateLink = (url) => SAFE_LINK.test(url);
  parser.inline.State = TalkState(parser.inline.State, tokens);
  parser.inline.ruler.at("text", takeText);
  parser.inline.ruler.at("newline", keepLines);
  parser.inline.ruler.at("escape", escape);
  parser.inline.ruler.before("escape", "formula", takeFormula(tokens));
  parser.block.ruler.before("fence", "formula", takeFormulaBlock(tokens), { alt: ["paragraph", "reference", "blockquote", "list"] });
  parser.renderer.rules.formula = (tokens, index) => {
    const { tag, content } = tokens[index];
    return `<${tag} class="math${content.startsWith("$$") ? " display" : ""}">${parser.utils.escapeHtml(content)}</${tag}>`;
  };
  parser.core.ruler.after("block", "math_fences", takeMathFences);
  parser.core.ruler.after("block", "tasks", tickTasks);
  parser.core.ruler.before("inline", "leave_plain", leavePlain);
  parser.renderer.rules.plain = (tokens, index) => parser.utils.escapeHtml(tokens[index].content);
  parser.core.ruler.before("text_join", "links", mendLinks);
  parser.core.ruler.push("alignment", align);
  const renderToken = parser.renderer.renderToken.bind(parser.renderer);
  parser.renderer.renderToken = (...token) => renderToken(...token).replaceAll("\n", "");
  return parser;
}
/** A paragraph with so many brackets is no talk, and would take each reader's page half a second.
    @param {StateCore} state */
function leavePlain({ tokens }) {
  for (const token of tokens) {
    if (token.type === "inline" && token.content.split("[").length - 1 > BRACKETS_AT_MOST) token.type = "plain";
  }
}

/** The state of an inline text knows its tokens, and lets emphasis stand beside Chinese and Japanese
    signs.
    @param {typeof StateInline} State @param {Tokens} tokens */
function TalkState(State, { characterAt, characterBefore, inlineSpans, isSpaceless }) {
  const isCjk = (/** @type {string} */ character) => isSpaceless(character) || CJK_SIGN.test(character);
  return class extends State {
    /** @type {Map<number, Span>} */
    #spans = new Map();
    /** @type {number[]} */
    #starts = [];

    /** @param {ConstructorParameters<typeof StateInline>} parts */
    constructor(...parts) {
      super(...parts);
      const { names, rooms, emoji } = /** @type {Known} */ (this.env);
      for (const span of inlineSpans(this.src, names, rooms, emoji)) this.#spans.set(span.start, span);
      this.#starts = [...this.#spans.keys()].reverse();
    }

    /** The token that begins here, if it ends in time and is no link within a link. */
    get span() {
      const span = this.linkLevel > 0 ? undefined : this.#spans.get(this.pos);
      return span && span.end <= this.posMax ? span : null;
    }

    get nextStart() {
      return this.#starts.findLast((start) => start > this.pos) ?? this.posMax;
    }

    /** Where words have no spaces between, a sign beside the marks does not keep them from opening or
        closing: これは**「太字」**です.
        @param {number} start @param {boolean} canSplitWord */
    scanDelims(start, canSplitWord) {
      const scanned = super.scanDelims(start, canSplitWord);
      const before = characterBefore(this.src, start);
      const behind = characterAt(this.src, start + scanned.length);
      if (!canSplitWord || !before.trim() || !behind.trim()) return scanned;
      const { can_open, can_close, length } = scanned;
      return { can_open: can_open || isCjk(before), can_close: can_close || isCjk(behind), length };
    }
  };
}

/** Up to the next mark, or a token of ours as one piece.
    @param {StateInline} state @param {boolean} silent */
function takeText(state, silent) {
  const { span, nextStart } = /** @type {InstanceType<ReturnType<typeof TalkState>>} */ (state);
  if (span) {
    if (!silent) push(state, span);
    state.pos = span.end;
    return true;
  }
  const most = Math.min(state.posMax, nextStart);
  let end = state.pos;
  while (end < most && !TERMINATOR.test(state.src[end])) end += 1;
  if (end === state.pos) return false;
  if (!silent) state.pending += state.src.slice(state.pos, end);
  state.pos = end;
  return true;
}

/** @param {StateInline} state @param {Span} span */
function push(state, { kind, start, end, value }) {
  const tag = kind === "link" ? "a" : "span";
  const opening = state.push(`${kind}_open`, tag, 1);
  opening.attrs = [kind === "link" ? ["href", state.md.normalizeLink(value)] : ["class", kind]];
  opening.info = "auto";
  state.push("text", "", 0).content = state.src.slice(start, end);
  state.push(`${kind}_close`, tag, -1);
}

/** @param {StateInline} state @param {boolean} silent */
function escape(state, silent) {
  const sign = state.src[state.pos + 1] ?? "";
  if (state.src[state.pos] !== "\\" || !SIGN.test(sign) || state.pos + 1 >= state.posMax) return false;
  if (!silent) {
    const before = state.src.slice(Math.max(0, state.pos - LONGEST_BEGINNING), state.pos);
    const isLeftOut = ESCAPED.includes(sign) || BEGINS_A_LINE.test(`${before}\\${sign}`);
    const token = state.push("text_special", "", 0);
    Object.assign(token, { content: isLeftOut ? sign : `\\${sign}`, markup: `\\${sign}`, info: "escape" });
  }
  state.pos += 2;
  return true;
}

/** @param {Tokens} tokens */
function takeFormula({ endOfFormula }) {
  return (/** @type {StateInline} */ state, /** @type {boolean} */ silent) => {
    const { src, pos, posMax } = state;
    const end = src[pos] === "$" ? endOfFormula(src.slice(0, posMax), pos) : 0;
    if (!end) return false;
    if (!silent) state.push("formula", "span", 0).content = src.slice(pos, end);
    state.pos = end;
    return true;
  };
}

/** `$$ … $$` on lines of its own. Unlike code, it has to end.
    @param {Tokens} tokens */
function takeFormulaBlock({ endOfBlock }) {
  return (/** @type {StateBlock} */ state, /** @type {number} */ start, /** @type {number} */ stop, /** @type {boolean} */ silent) => {
    if (state.sCount[start] - state.blkIndent >= CODE_COLUMNS) return false;
    const line = (/** @type {number} */ number) => state.src.slice(state.bMarks[number] + state.tShift[number], state.eMarks[number]);
    const more = endOfBlock(line(start), (count) => {
      const number = start + count;
      if (number >= stop) return null;
      return line(number) !== "" && state.sCount[number] < state.blkIndent ? null : line(number);
    });
    if (!more) return false;
    if (silent) return true;
    state.line = start + 1 + more;
    const token = state.push("formula", "p", 0);
    Object.assign(token, { block: true, map: [start, state.line] });
    token.content = state.getLines(start, state.line, state.sCount[start], false).replace(/^[ \t]+|[ \t]+$/gu, "");
    return true;
  };
}

/** A fence of math is a formula too.
    @param {StateCore} state */
function takeMathFences({ tokens }) {
  for (const token of tokens) {
    if (token.type !== "fence" || token.info.trim() !== "math" || !token.content.trim()) continue;
    Object.assign(token, { type: "formula", tag: "p", content: `$$\n${token.content}$$` });
  }
}

/** - [ ] and - [x] show a box.
    @param {StateCore} state */
function tickTasks({ tokens }) {
  for (const [index, inline] of tokens.entries()) {
    if (tokens[index - 2]?.type !== "list_item_open" || tokens[index - 1].type !== "paragraph_open") continue;
    inline.content = inline.content.replace(TASK, (_, mark) => (mark === " " ? "☐" : "☑"));
  }
}

/** ![A picture](https://…) is a link: nothing is fetched that its reader did not ask for. And a link
    without a label shows where it leads.
    @param {StateCore} state */
function mendLinks({ tokens, Token }) {
  for (const { children } of tokens) {
    for (const [index, opening] of (children ?? []).entries()) {
      if (opening.type !== "link_open" || opening.info === "auto" || !children) continue;
      const before = children[index - 1];
      if (before?.type === "text") before.content = before.content.replace(/!$/u, "");
      if (children[index + 1].type !== "link_close") continue;
      const label = Object.assign(new Token("text", "", 0), { content: String(opening.attrGet("href")) });
      children.splice(index + 1, 0, label);
    }
  }
}

/** Cells say how they are aligned by a class.
    @param {StateCore} state */
function align({ tokens }) {
  for (const token of tokens) {
    const side = /^text-align:(left|center|right)$/u.exec(String(token.attrGet("style")))?.[1];
    if (side) token.attrs = [["class", `align-${side}`]];
  }
}

/** A line break in a paragraph stays one, with the indent behind it: styled as pre-wrap.
    @param {import("markdown-it").StateInline} state @param {boolean} silent */
function keepLines(state, silent) {
  if (state.src[state.pos] !== "\n") return false;
  const index = state.src.slice(state.pos + 1).search(/[^ \t]|$/u);
  if (!silent) state.pending += `\n${state.src.slice(state.pos + 1, state.pos + 1 + index)}`;
  state.pos += 1 + index;
  return true;
}
