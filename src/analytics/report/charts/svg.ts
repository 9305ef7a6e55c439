// Plot's SVG as escaped markup: what could restyle or run anything is left behind, and ids are those of the chart.
import { ConnectorError } from '../../../core/errors.ts';
import type { Content, Markup } from '../markup.ts';
import { h } from '../markup.ts';
import type { Chart } from './chart.ts';

interface DomNode {
  readonly nodeType: number;
  readonly textContent: string | null;
}

interface DomElement extends DomNode {
  readonly localName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly childNodes: Iterable<DomNode>;
  getAttribute(name: string): string | null;
}

const elementNode = 1;
const textNode = 3;
/** Plot's own rules stand in the report's style sheet. */
const leftBehind = /^(style|class|xmlns|font-family|on.*)$/;

/** @throws ConnectorError of area `bug` when Plot gave something else than one SVG */
export function toMarkup(drawn: unknown, { id, title, summary }: Chart): Markup {
  const root = drawn as DomElement;
  if (root.localName !== 'svg') throw new ConnectorError(`chart ${id} is no SVG`, { area: 'bug' });
  const svg = convert(root, clipIds(root, id));
  const { width, height } = svg.attributes;
  return h(
    'svg',
    {
      ...svg.attributes,
      width,
      height,
      id,
      class: 'plot',
      role: 'img',
      'aria-label': `${title}. ${summary}`,
    },
    svg.children,
  );
}

/** Plot numbers clip paths over the life of the process: the same chart would differ from report to report. */
function clipIds(root: DomElement, id: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (element: DomElement) => {
    const own = element.getAttribute('id');
    if (own !== null) found.set(own, `${id}-${found.size + 1}`);
    for (const child of element.childNodes) if (isElement(child)) visit(child);
  };
  visit(root);
  return found;
}

function convert(element: DomElement, ids: ReadonlyMap<string, string>): Markup {
  const attributes: Record<string, string> = {};
  for (const { name, value } of element.attributes) if (!leftBehind.test(name)) attributes[name] = withIds(value, ids);
  // The picture has one name of its own; names of its parts would be read out one by one.
  delete attributes['aria-label'];
  delete attributes['aria-description'];
  const children = [...element.childNodes].flatMap((child): Content[] => {
    if (child.nodeType === textNode) return [child.textContent ?? ''];
    return isElement(child) && child.localName !== 'style' ? [convert(child, ids)] : [];
  });
  return h(element.localName, attributes, children);
}

function withIds(value: string, ids: ReadonlyMap<string, string>): string {
  const own = ids.get(value);
  return (
    own ?? value.replace(/url\(#([^)]+)\)/g, (whole, id: string) => (ids.has(id) ? `url(#${ids.get(id)})` : whole))
  );
}

function isElement(node: DomNode): node is DomElement {
  return node.nodeType === elementNode;
}
