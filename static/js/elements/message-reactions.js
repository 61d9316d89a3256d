/* The reactions under a message: a button each, pressed if one has given it oneself. A button
   stays the same node while its number changes, so that it keeps the focus. */

const NAMES_AT_MOST = 30;

export function showReactions(place, reactions = {}, me) {
  const old = new Map([...place.children].map((chip) => [chip.dataset.emoji, chip]));
  const chips = Object.entries(reactions).map(([emoji, names]) => {
    const chip = old.get(emoji) ?? newChip(emoji);
    show(chip, names, me);
    return chip;
  });
  for (const chip of chips) old.delete(chip.dataset.emoji);
  for (const chip of old.values()) chip.remove();
  chips.forEach((chip, index) => {
    if (place.children[index] !== chip) place.insertBefore(chip, place.children[index] ?? null);
  });
}

function newChip(emoji) {
  const chip = document.createElement("button");
  Object.assign(chip, { type: "button", className: "reaction" });
  Object.assign(chip.dataset, { do: "react", emoji });
  chip.append(span("emoji", emoji), " ", span("number", ""));
  return chip;
}

function show(chip, names, me) {
  const more = names.length > NAMES_AT_MOST ? " …" : "";
  chip.ariaPressed = names.includes(me);
  chip.title = names.slice(0, NAMES_AT_MOST).join(", ") + more;
  chip.querySelector(".number").textContent = names.length;
}

function span(className, textContent) {
  return Object.assign(document.createElement("span"), { className, textContent });
}
