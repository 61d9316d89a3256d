/* What the page makes of a file's description: the same as the server, tests/page/test_file_places.py. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { endingOf, fileUrl, isMovingWebp, kindOf, placeOf, sizeInWords } from "../../static/js/lib/files/files.js";

const EXAMPLES = JSON.parse(readFileSync(new URL("../page/files.json", import.meta.url), "utf-8"));

test("a file is of the kind that its content says", () => {
  for (const [file, kind] of EXAMPLES.kinds) assert.equal(kindOf(file), kind, JSON.stringify(file));
});

test("a picture has its place before it comes", () => {
  for (const [width, height, isAlone, ...place] of EXAMPLES.places) {
    assert.deepEqual(Object.values(placeOf({ width, height }, isAlone)), place);
  }
});

test("endings and addresses of names", () => {
  for (const [name, ending] of Object.entries(EXAMPLES.endings)) assert.equal(endingOf(name), ending, name);
  for (const [name, end] of Object.entries(EXAMPLES.urls)) assert.equal(fileUrl({ id: "i", name }), `/files/i/${end}`);
});

test("sizes are said in few words", () => {
  assert.deepEqual([0, 173, 1000, 234_567, 2_449_000, 25_000_000].map(sizeInWords), ["0 bytes", "173 bytes", "1 kB", "235 kB", "2.4 MB", "25 MB"]);
});

test("a WebP moves if its header says so", () => {
  const header = (flags) => Uint8Array.from([...Buffer.from("RIFF0000WEBPVP8X"), 10, 0, 0, 0, flags]);

  assert.equal(isMovingWebp(header(0b10)), true);
  assert.equal(isMovingWebp(header(0b10000)), false);
  assert.equal(isMovingWebp(Uint8Array.from(Buffer.from("RIFF0000WEBPVP8 "))), false);
});
