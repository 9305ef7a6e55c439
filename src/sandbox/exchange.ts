// One question and one answer, as every part of the sandbox sees them.
import type { IncomingHttpHeaders } from 'node:http';
import type { JsonValue } from '../core/json.ts';

export type Service = 'gong' | 'semarize';

export interface SandboxRequest {
  /** Undefined: a path that neither service has. */
  readonly service: Service | undefined;
  readonly method: string;
  /** Method and path template, `GET /v1/runs/{id}`; for unknown paths the path itself. */
  readonly route: string;
  readonly path: string;
  /** The `{id}` of the path. */
  readonly id: string | undefined;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parsed body; undefined when there is none or it is not JSON. */
  readonly json: JsonValue | undefined;
  /** The sandbox's clock at arrival. */
  readonly atMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON, unless there is `raw`. */
  readonly json?: JsonValue;
  readonly raw?: string | Buffer;
}

const routes: readonly (readonly [service: Service, method: string, pattern: RegExp, template: string])[] = [
  ['gong', 'POST', /^\/v2\/calls\/extensive$/, '/v2/calls/extensive'],
  ['gong', 'POST', /^\/v2\/calls\/transcript$/, '/v2/calls/transcript'],
  ['gong', 'GET', /^\/v2\/calls$/, '/v2/calls'],
  ['gong', 'GET', /^\/v2\/calls\/([^/]+)$/, '/v2/calls/{id}'],
  ['gong', 'GET', /^\/v2\/users$/, '/v2/users'],
  ['gong', 'GET', /^\/v2\/workspaces$/, '/v2/workspaces'],
  ['semarize', 'POST', /^\/v1\/runs$/, '/v1/runs'],
  ['semarize', 'GET', /^\/v1\/runs$/, '/v1/runs'],
  ['semarize', 'GET', /^\/v1\/runs\/([^/]+)$/, '/v1/runs/{id}'],
  ['semarize', 'GET', /^\/v1\/kits\/schema$/, '/v1/kits/schema'],
  ['semarize', 'POST', /^\/v1\/test$/, '/v1/test'],
];

export interface Place {
  readonly service: Service | undefined;
  readonly route: string;
  readonly id: string | undefined;
  /** The path exists, but not with this method. */
  readonly wrongMethod: boolean;
}

export function findPlace(method: string, path: string): Place {
  let wrongMethod = false;
  for (const [service, routeMethod, pattern, template] of routes) {
    const match = pattern.exec(path);
    if (!match) continue;
    if (routeMethod === method) return { service, route: `${method} ${template}`, id: match[1], wrongMethod: false };
    wrongMethod = true;
  }
  const service = path.startsWith('/v2/') ? 'gong' : path.startsWith('/v1/') ? 'semarize' : undefined;
  return { service, route: `${method} ${path}`, id: undefined, wrongMethod };
}
