// From the name in a record's line to its stream. Names are compared as bytes, as they are spelled, so a known one costs little.
import type { ConfiguredStream } from '../core/catalog.ts';
import type { Span } from '../jsonl/scan.ts';
import { isSameBytes } from '../jsonl/walk.ts';

export interface Route {
  readonly name: string;
  /** Undefined when there is no such stream. */
  readonly stream: ConfiguredStream | undefined;
}

export interface Routes {
  /** @param name span of a JSON string @param namespace span of any JSON value; start -1 = absent */
  find(line: Buffer, name: Readonly<Span>, namespace: Readonly<Span>): Route;
  /** Streams have changed. */
  clear(): void;
}

interface SpelledRoute extends Route {
  readonly nameBytes: Buffer;
  /** Empty when there is none. */
  readonly namespaceBytes: Buffer;
}

/** More names than any host sends; the rest are looked up each time. */
const maxRoutes = 64;

/** @param findStream by name and namespace; the namespace is empty when the line has none that is a text */
export function createRoutes(findStream: (name: string, namespace: string) => ConfiguredStream | undefined): Routes {
  const routes: SpelledRoute[] = [];

  function lookUp(line: Buffer, nameSpan: Readonly<Span>, namespaceSpan: Readonly<Span>): SpelledRoute {
    const nameBytes = copyOf(line, nameSpan);
    const namespaceBytes = copyOf(line, namespaceSpan);
    const name = JSON.parse(nameBytes.toString()) as string;
    const namespace: unknown = namespaceBytes.length === 0 ? '' : JSON.parse(namespaceBytes.toString());
    const stream = findStream(name, typeof namespace === 'string' ? namespace : '');
    const route = { nameBytes, namespaceBytes, name, stream };
    if (routes.length < maxRoutes) routes.push(route);
    return route;
  }

  return {
    find(line, name, namespace) {
      for (const route of routes) if (isSpelledIn(line, name, namespace, route)) return route;
      return lookUp(line, name, namespace);
    },
    clear() {
      routes.length = 0;
    },
  };
}

function isSpelledIn(
  line: Buffer,
  name: Readonly<Span>,
  namespace: Readonly<Span>,
  { nameBytes, namespaceBytes }: SpelledRoute,
): boolean {
  if (!isSameBytes(line, name.start, name.end, nameBytes)) return false;
  if (namespace.start === -1) return namespaceBytes.length === 0;
  return isSameBytes(line, namespace.start, namespace.end, namespaceBytes);
}

function copyOf(line: Buffer, { start, end }: Readonly<Span>): Buffer {
  return start === -1 ? Buffer.alloc(0) : Buffer.from(line.subarray(start, end));
}
