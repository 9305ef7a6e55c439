// SQL that tells numbers, as JSON writes them, from other texts. Pure.

const anyNumber = String.raw`-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`;

/** A pattern of numbers without an exponent and with so many digits behind the point at the most, not counting zeros. */
export function plainNumber(scale: number): string {
  const fraction = scale === 0 ? '0+' : `[0-9]{1,${scale}}0*`;
  return `-?(0|[1-9][0-9]*)(\\.${fraction})?`;
}

export function matches(text: string, pattern: string): string {
  return `regexp_full_match(${text}, '${pattern}')`;
}

/** `text` where it is a number, else NULL. @param scale digits behind the point at the most; default: as many as it likes */
export function numberText(text: string, scale?: number): string {
  return `CASE WHEN ${matches(text, scale === undefined ? anyNumber : plainNumber(scale))} THEN ${text} END`;
}
