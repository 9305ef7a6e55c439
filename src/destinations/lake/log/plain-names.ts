// Names of columns that every reader of Delta tables takes. Pure.

/** Spark refuses the first ones, others trip over quotes, `%` and control characters. */
const troublesome = /[ ,;{}()\n\t=."'`%\p{Cc}]/gu;

/**
 * For each of `names` one without such characters, and unlike all others: readers fold the case of all of Unicode.
 * @param taken names that none of them may have
 */
export function plainNames(names: readonly string[], taken: readonly string[] = []): string[] {
  const used = new Set(taken.map(fold));
  return names.map((name) => {
    const plain = name.replace(troublesome, '_') || '_';
    let candidate = plain;
    for (let number = 2; used.has(fold(candidate)); number++) candidate = `${plain}_${number}`;
    used.add(fold(candidate));
    return candidate;
  });
}

/** Equal for names that differ by case, or by how an accent is written. */
function fold(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase();
}
