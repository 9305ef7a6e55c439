// HTML and SVG built from escaped parts. There is no way in for a ready-made string: text stays text, whoever wrote it.
import { visibleText } from './text.ts';

export interface Markup {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly children: readonly Content[];
}

/** A text is escaped when it is printed; false and undefined print nothing. */
export type Content = Markup | string | number | false | undefined | readonly Content[];

const elementName = /^[a-zA-Z][a-zA-Z0-9]*$/;
const attributeName = /^[a-zA-Z][a-zA-Z0-9:-]*$/;
/** Run or fetch something, or change how the rest is read. `style` and `meta` belong to the head, which htmlDocument writes. */
const refusedElements = new Set(
  'script style link meta base iframe frame object embed form input button img image audio video source foreignobject use'.split(
    ' ',
  ),
);
const refusedAttributes = /^(on|style$|src$|srcset$|srcdoc$|action$|formaction$|xlink:)/i;
const voidElements = new Set(['br', 'col', 'hr', 'wbr']);

/** An element. @throws RangeError for a name that could run, fetch or restyle anything: only our own code passes names */
export function h(name: string, attributes: Markup['attributes'] = {}, ...children: readonly Content[]): Markup {
  if (!elementName.test(name) || refusedElements.has(name.toLowerCase())) throw new RangeError(`no element ${name}`);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (!attributeName.test(attribute) || refusedAttributes.test(attribute))
      throw new RangeError(`no attribute ${attribute}`);
    if (attribute === 'href' && !/^(#|https:\/\/)/.test(value ?? '#')) throw new RangeError('no such link');
  }
  return { name, attributes, children };
}

/** The text of `content`, escaped. */
export function toHtml(content: Content): string {
  if (content === undefined || content === false) return '';
  if (typeof content === 'string') return escapeText(content);
  if (typeof content === 'number') return escapeText(String(content));
  if (isList(content)) return content.map(toHtml).join('');
  const { name, attributes, children } = content;
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeText(value)}"`],
  );
  const open = `<${name}${given.join('')}>`;
  return voidElements.has(name) ? open : `${open}${toHtml(children)}</${name}>`;
}

function isList(content: Content): content is readonly Content[] {
  return Array.isArray(content);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
