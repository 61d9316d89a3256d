import assert from "node:assert/strict";
import { test } from "node:test";

import { readFileSync } from "node:fs";

import { foundParts, soughtTerms } from "../../static/js/lib/search/found.js";
import { wordsIn } from "../../static/js/lib/search/search-words.js";
import { peopleLike, roomsLike } from "../../static/js/models/composer/completion.js";
import { filtersIn, finished, withFilter, withoutFilters } from "../../static/js/lib/search/query.js";
import { offersFor } from "../../static/js/models/lists/search-offers.js";
import { Search } from "../../static/js/models/lists/search.js";
import { FakeConnection, message, settled } from "./support/chat.js";

function makeSearch() {
  const connection = new FakeConnection();
  connection.isOnline = true;
  connection.answers.search = ({ query, before = 1 }) => ({
    ok: true,
    messages: [message(before, { text: query })],
    more: before < 2,
    before: before + 1,
  });
  const steps = new Set();
  const later = (step) => {
    steps.add(step);
    return () => steps.delete(step);
  };
  const pass = async () => {
    for (const step of steps) step();
    steps.clear();
    await settled();
  };
  return { search: new Search({ connection, later }), connection, pass };
}

const textsOf = (search) => search.messages.map(({ text }) => text);

test("a search asks when the typing pauses, once", async () => {
  const { search, connection, pass } = makeSearch();

  for (const typed of ["t", "te", "tea", "tea "]) search.type(typed);
  assert.equal(search.state, "searching");
  await pass();

  assert.deepEqual(connection.requests("search").map(({ query }) => query), ["tea"]);
  assert.deepEqual([search.state, textsOf(search)], ["done", ["tea"]]);
});

test("an answer that comes after the next question does not count", async () => {
  const { search, connection, pass } = makeSearch();
  const { search: answer } = connection.answers;
  let answerSlowly;
  connection.answers.search = (asked) => new Promise((resolve) => (answerSlowly = () => resolve(answer(asked))));
  search.type("slow");
  await pass();
  connection.answers.search = answer;

  search.type("quick");
  await pass();
  answerSlowly();
  await settled();

  assert.deepEqual(textsOf(search), ["quick"]);
});

test("further pages follow on, until there are no more", async () => {
  const { search, connection, pass } = makeSearch();
  search.type("tea");
  await pass();

  await search.loadMore();
  await search.loadMore();

  assert.deepEqual(search.messages.map(({ seq }) => seq), [1, 2]);
  assert.equal(connection.requests("search").length, 2);
});

test("a search that is not understood says why; to try the same again would not help", async () => {
  const { search, connection, pass } = makeSearch();
  connection.answers.search = () => ({ ok: false, error: { code: "bad_payload", message: "Takes a day." } });
  search.type("after:noon");
  await pass();

  assert.deepEqual([search.state, search.problem, search.mayHelp], ["failed", "Takes a day.", false]);
});

test("a search that came to nothing says why, and can be tried again", async () => {
  const { search, connection, pass } = makeSearch();
  connection.isOnline = false;
  search.type("tea");
  await pass();
  assert.deepEqual([search.state, search.problem, search.mayHelp], ["failed", "problem.lost", true]);

  connection.isOnline = true;
  search.again();
  await pass();

  assert.equal(search.state, "done");
});

test("an emptied field is no search any more", async () => {
  const { search, pass } = makeSearch();
  search.type("tea");
  search.type(" ");
  await pass();

  assert.deepEqual([search.state, search.messages], ["idle", []]);
});

test("what is sought, and what a text has, is what the server's index says", () => {
  const queries = JSON.parse(readFileSync(new URL("../text/queries.json", import.meta.url), "utf-8"));
  const texts = JSON.parse(readFileSync(new URL("../text/words.json", import.meta.url), "utf-8"));

  for (const [query, terms] of Object.entries(queries)) {
    assert.deepEqual(soughtTerms(query).map(({ words, prefix }) => [words, prefix]), terms, query);
  }
  for (const [text, words] of Object.entries(texts)) assert.deepEqual(wordsIn(text).map(({ word }) => word), words, text);
});

test("what was found is marked, without case and accents, and the text stays whole", () => {
  const marked = (text, query) => foundParts(text, query).filter(({ isFound }) => isFound).map((part) => part.text);

  assert.deepEqual(marked("Two Cafés, one café.", "cafe"), ["Cafés", "café"]);
  assert.deepEqual(marked("tea, steam", "tea"), ["tea"]);
  assert.deepEqual(marked("我爱上海。", "上海"), ["上海"]);
  assert.deepEqual(marked("a good book, a good cook and a book", '"good book" '), ["good book"]);
  assert.deepEqual(marked("C, C++ and C#", "c++ "), ["C++"]);
  assert.deepEqual(marked("soup with pizza", "soup -pizza"), ["soup"]);
  assert.deepEqual(marked("مُحَمَّد", "محمد"), ["مُحَمَّد"]);
  assert.equal(foundParts("one two three", "two").map(({ text }) => text).join(""), "one two three");
});

test("a long text is shown from near the first find", () => {
  const [first, second] = foundParts(`${"word ".repeat(60)}needle`, "needle");

  assert.ok(first.text.startsWith("…") && first.text.length < 70);
  assert.deepEqual(second, { text: "needle", isFound: true });
});

test("an operator is offered names as long as it has none", () => {
  const known = {
    names: ["ana", "Łucja Wiśniewska", "bo"],
    rooms: [{ name: "kitchen", title: "Kitchen & plants" }],
    days: [
      { day: "2026-11-21", hint: "Yesterday" },
      { day: "2026-10-22", hint: "A month ago" },
    ],
    shown: (name) => (name === "bo" ? "Lukas" : name),
  };
  const texts = (typed) => offersFor(typed, known, { peopleLike, roomsLike }).map(({ text }) => text);

  assert.deepEqual(texts("tea from:lu"), ['tea from:"Łucja Wiśniewska" ', "tea from:bo "]);
  assert.deepEqual(texts("from:@an"), ["from:ana "]);
  assert.deepEqual(texts("from:m"), ["from:me "]);
  assert.deepEqual(texts("in:#ki"), ["in:kitchen "]);
  assert.deepEqual(texts("has:"), ["link", "file", "image", "video", "audio", "document"].map((what) => `has:${what} `));
  assert.deepEqual(texts("has:i"), ["has:image "]);
  assert.deepEqual(texts("tea after:2026-10"), ["tea after:2026-10-22 "]);
  assert.deepEqual(texts("before:"), ["before:2026-11-21 ", "before:2026-10-22 "]);
  assert.deepEqual(texts("lukas"), ["from:bo "]);
  assert.deepEqual(texts("kitch"), ["in:kitchen "]);
  for (const typed of ["", "tea", "from:ana", "in:Kitchen", "from:ana ", "from:ana tea", "within:ki"]) {
    assert.deepEqual(texts(typed), [], typed);
  }
});

test("filters are read off the query, and written into it", () => {
  assert.deepEqual(filtersIn('tea from:"Ana Maria" -from:bo in:kitchen has:link'), { from: "Ana Maria", in: "kitchen", has: "link" });
  assert.equal(withFilter("tea from:bo in:kitchen", "from", "Ana Maria"), 'tea in:kitchen from:"Ana Maria"');
  assert.equal(withoutFilters("from:bo tea after:2026-11-01 -from:ana", ["from", "after"]), "tea -from:ana");
  assert.equal(finished("tea from:"), "tea");
  assert.equal(finished('tea in:"#'), "tea");
  assert.equal(finished("tea from:b"), "tea from:b");
});
