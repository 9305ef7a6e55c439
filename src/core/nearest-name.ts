// Did you mean …? For settings, streams, commands.

/** The one of `names` that somebody who typed `name` most likely meant; undefined when none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const typed = plain(name);
  if (typed === '') return undefined;
  const limit = Math.max(1, Math.ceil(typed.length * 0.4));
  let best: { name: string; distance: number } | undefined;
  for (const candidate of names) {
    const distance = distanceTo(typed, plain(candidate));
    if (distance <= limit && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { name: candidate, distance };
  }
  return best?.name;
}

// gongBaseUrl, gong-base-url and GONG_BASE_URL are the same name to a person.
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function distanceTo(typed: string, candidate: string): number {
  // A name cut short ("api_key", "verison" of version_id) is nearer than its missing letters say.
  if (candidate === typed) return 0;
  if (typed.length >= 4 && candidate.includes(typed)) return candidate.startsWith(typed) ? 0.5 : 1;
  return Math.min(editDistance(typed, candidate), editDistance(typed, candidate.slice(0, typed.length)) + 1);
}

/** Levenshtein distance: insertions, deletions, replacements. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
