/* A file that is no picture, by its name: with what can be seen of it or heard. */

import { endingOf, fileUrl, kindOf, previewUrl, sizeInWords } from "../../lib/files/files.js";
import { loadFormatter } from "../../lib/markdown/markdown.js";
import { drawn, node } from "../../lib/page/nodes.js";
import { t } from "../../lib/text/words.js";

/** @import { FileInfo } from "../../types.js" */

const LINES = 8;
const PAGE_PX = { width: 320, height: 152 };

/** @param {Partial<FileInfo> & Pick<FileInfo, "name" | "type" | "bytes">} file one that has an id is on the server */
export function fileCard(file) {
  const { id, name, bytes, removed } = file;
  if (removed) return node("p", { className: "file-removed" }, t("file.removed"));
  const info = id ? /** @type {FileInfo} */ (file) : null;
  const kind = info ? playable(info) : "other";
  const title = info
    ? node("a", { className: "file-name", href: fileUrl(info), target: "_blank", title: name, dir: "auto" }, name)
    : node("span", { className: "file-name", title: name, dir: "auto" }, name);
  const card = node("div", { className: "file" });
  card.dataset.kind = kind;
  card.append(
    node("span", { className: "file-ending", ariaHidden: "true" }, endingOf(name) || "···"),
    title,
    node("span", { className: "file-size" }, sizeInWords(bytes)),
  );
  if (info) {
    const says = t("file.download", { name });
    card.append(node("a", { className: "button quiet square file-download", href: fileUrl(info), download: name, ariaLabel: says, title: says }, drawn("download")));
    card.append(...seenOf(info, kind));
  }
  return card;
}

/** What this browser cannot play is a file like others.
    @param {FileInfo} info */
function playable(info) {
  const kind = kindOf(info);
  if (kind !== "audio" && kind !== "video") return kind;
  return document.createElement(kind).canPlayType(info.type) ? kind : "other";
}

/** @param {FileInfo} info @param {string} kind */
function seenOf(info, kind) {
  if (kind === "audio" || kind === "video") {
    const player = node(kind, { controls: true, preload: "metadata", src: fileUrl(info) });
    player.ariaLabel = info.alt || info.name;
    return [player];
  }
  if (kind === "page") {
    const page = node("img", { ...PAGE_PX, loading: "lazy", src: previewUrl(info), alt: "" });
    page.addEventListener("error", () => page.parentElement?.remove());
    return [viewing(info, "file-page", page)];
  }
  if (kind === "text") return [node("div", { className: "file-lines" }, node("pre", {}, node("code")), viewing(info, "file-cover"))];
  return [];
}

/** @param {FileInfo} info @param {string} className @param {...Node} inside */
function viewing(info, className, ...inside) {
  const link = node("a", { className, href: fileUrl(info), target: "_blank", ariaLabel: t("file.view", { name: info.name }) }, ...inside);
  link.dataset.file = info.id;
  return link;
}

/** The first lines of a text, when they come into sight.
    @param {HTMLElement} card @param {FileInfo} file */
export function showLines(card, file) {
  const watch = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      fillIn(card, file);
    },
    { rootMargin: "50%" },
  );
  watch.observe(card);
}

/** @param {HTMLElement} card @param {FileInfo} file */
async function fillIn(card, file) {
  const text = await linesOf(file);
  const code = card.querySelector("code");
  if (text === null || !code) return;
  code.textContent = text.split("\n", LINES).join("\n");
  await colour(code, file.name);
}

/** What the server shows of a text; null where there is no network, or nothing to show.
    @param {FileInfo} file */
export async function linesOf(file) {
  try {
    const answer = await fetch(previewUrl(file));
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Colours by the ending of the name. Without a network, code without colours is code.
    @param {HTMLElement} code @param {string} name */
export async function colour(code, name) {
  const language = endingOf(name).toLowerCase();
  if (!/^[a-z][a-z0-9+#-]*$/u.test(language) || language === "txt" || language === "log") return;
  code.className = `language-${language}`;
  try {
    await loadFormatter(); // With DOMPurify.
    const { highlight } = await import("../../lib/markdown/highlighting.js");
    if (code.parentElement?.parentElement) await highlight(code.parentElement.parentElement);
  } catch {
    // No network now.
  }
}
