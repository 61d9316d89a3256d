/* A new id, 128 random bits. crypto.randomUUID exists only on https and localhost; a chat in the
   office network is on http, where getRandomValues still does. */

export function newId(random = crypto) {
  if (random.randomUUID) return random.randomUUID();
  const bytes = random.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
