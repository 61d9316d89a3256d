/* What the page makes of a file's description: where its bytes are, what kind of thing it is, how large
   it stands in a message. chatapp/features/pages/file_places.py has the same kinds and sizes: what the
   server renders and what the script draws take the same place. */

/** @import { FileInfo } from "../../types.js" */

/** @typedef {"picture" | "video" | "audio" | "page" | "text" | "other"} Kind */
/** @typedef {{ width: number, height: number }} Size */

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const TEXTS = new Set(["application/json", "application/xml", "application/javascript", "application/x-sh", "application/toml", "application/yaml"]);
export const ALONE_PX = { width: 416, height: 320 };
export const TOGETHER_PX = { height: 144, least: 88, most: 240 };
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** @param {Pick<FileInfo, "id" | "name">} file */
export function fileUrl({ id, name }) {
  return `/files/${id}/${encodeURIComponent(name)}`;
}

/** @param {Pick<FileInfo, "id">} file @param {{ isFull?: boolean }} [how] as large as a screen */
export function previewUrl({ id }, { isFull = false } = {}) {
  return `/files/${id}/preview${isFull ? "?size=full" : ""}`;
}

/** A picture is one that has been seen to be one: its size is known.
    @param {Pick<FileInfo, "type" | "width" | "removed">} file @returns {Kind} */
export function kindOf({ type, width, removed }) {
  if (removed) return "other";
  if (PICTURES.has(type)) return width ? "picture" : "other";
  if (type.startsWith("video/")) return "video";
  if (type.startsWith("audio/")) return "audio";
  if (type === "application/pdf") return "page";
  return type.startsWith("text/") || TEXTS.has(type) ? "text" : "other";
}

/** How large a picture stands in a message, in CSS pixels: never larger than it is, alone or beside others.
    @param {{ width?: number, height?: number }} picture @param {boolean} isAlone @returns {Size} */
export function placeOf({ width = 1, height = 1 }, isAlone) {
  if (!isAlone) {
    const fitting = Math.round((width * TOGETHER_PX.height) / height);
    return { width: Math.min(Math.max(fitting, TOGETHER_PX.least), TOGETHER_PX.most), height: TOGETHER_PX.height };
  }
  const scale = Math.min(1, ALONE_PX.width / width, ALONE_PX.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** "2.4 MB", in the reader's language.
    @param {number} bytes */
export function sizeInWords(bytes) {
  const step = Math.min(UNITS.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  const value = bytes / 1000 ** step;
  const options = /** @type {const} */ ({ style: "unit", unit: UNITS[step], unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: value < 10 && step > 1 ? 1 : 0 });
  return new Intl.NumberFormat(globalThis.document?.documentElement.lang || "en", options).format(value);
}

/** The end of a name, as one says it on a card: "PDF". "" where there is none.
    @param {string} name */
export function endingOf(name) {
  return /[^.]\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1].toUpperCase() ?? "";
}

/** Whether the first bytes are those of a WebP that moves.
    @param {Uint8Array} bytes */
export function isMovingWebp(bytes) {
  const said = (/** @type {number} */ from, /** @type {number} */ to) => String.fromCharCode(...bytes.slice(from, to));
  return said(0, 4) === "RIFF" && said(8, 16) === "WEBPVP8X" && (bytes[20] & 0b10) !== 0;
}
