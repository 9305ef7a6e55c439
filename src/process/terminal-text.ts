// Text from outside, made harmless for a terminal: no escape sequence, no control character, no change of direction.

const escapeSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Keeps line feeds and tabs. */
export function toTerminalText(text: string): string {
  return text.replace(escapeSequence, '').replace(control, '');
}

/** For one cell or one line: white space of any kind becomes one blank each. */
export function toTerminalLine(text: string): string {
  return toTerminalText(text.replace(/\r\n|[\r\n\t]/g, ' '));
}

/** Columns that `text` takes on a terminal: combining marks none, wide East Asian characters and emoji two. */
export function widthOf(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** `text` cut to `width` columns, with `…` where something was cut off. */
export function cutToWidth(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  let used = 1;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    cut += character;
  }
  return `${cut}…`;
}

function characterWidth(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
  return /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]$|^\p{Emoji_Presentation}$/u.test(
    character,
  )
    ? 2
    : 1;
}
