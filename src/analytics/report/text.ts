// Text from outside, made harmless to read: what cannot be seen becomes visible, and ways to reach a person are left out.

const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const unpaired = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Control characters and marks that change the direction of writing as `⟨U+202E⟩`. Line feeds and tabs stay. */
export function visibleText(text: string): string {
  return text.replace(invisible, mark).replace(unpaired, '\ufffd');
}

function mark(character: string): string {
  return `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

const email = /[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[^\s@<>"'(),;:.]{2,}/gu;
/** Eight to fifteen digits with something between them, or a + in front: a count or an id has neither. */
const phone = /(?<![\w.])(?:\+\d[\d ()./-]{6,18}\d|\(?\d{2,5}\)?[ ()./-]{1,2}\d[\d ()./-]{4,14}\d)(?!\w)/g;
const isoDate = /^\d{4}-\d{2}-\d{2}$/;

/** `text` of a person without the e-mail addresses and phone numbers in it. */
export function withoutContacts(text: string): string {
  return text.replace(email, '⟨e-mail⟩').replace(phone, (found) => (isPhone(found) ? '⟨phone⟩' : found));
}

function isPhone(found: string): boolean {
  const digits = found.replace(/\D/g, '').length;
  return digits >= 8 && digits <= 15 && !isoDate.test(found);
}

/** At most `most` characters, with `…` where something was cut off. */
export function cutText(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
