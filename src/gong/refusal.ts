// What an answer that is no good means, as an error for a person: what, where, why likely, what to do.
import type { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import type { HttpAnswer, HttpRequest } from '../http/request.ts';
import { errorAnswerSchema } from './schemas.ts';

/** The texts of an error body. */
export function errorsOf(answer: HttpAnswer): string[] {
  const parsed = errorAnswerSchema.safeParse(answer.body);
  return parsed.success ? parsed.data.errors : [];
}

/** A status that no retry mends, as an error for a person. Of Gong's own text only what we know passes: it may quote anything. */
export function refusal(answer: HttpAnswer, request: HttpRequest): ConnectorError {
  const errors = errorsOf(answer);
  const fields = {
    http_status: answer.status,
    request_id: answer.requestId,
    route: `${request.method} ${request.path}`,
  };
  const scope = errors.map((text) => /permission to use '([\w:.-]{1,80})'/.exec(text)?.[1]).find((name) => name);
  if (scope !== undefined)
    return new ConnectorError(`Gong refused ${fields.route}: the key lacks the scope ${scope} (401).`, {
      area: 'credentials',
      fields,
      hint: 'a Gong technical administrator adds the scope at app.gong.io/company/api-authentication, then run: gong-elt check',
    });
  if (answer.status === 401)
    return new ConnectorError('Gong answered 401. The key is wrong or revoked, or your company has its own API host.', {
      area: 'credentials',
      fields,
      hint: 'look both up at app.gong.io/company/api-authentication, set GONG_BASE_URL, then run: gong-elt check',
    });
  if (answer.status === 403)
    return new ConnectorError(
      'Gong answered 403. The key may be used from trusted addresses only, or access was withdrawn.',
      {
        area: 'credentials',
        reason: 'forbidden',
        fields,
        hint: 'a Gong technical administrator adds this address to the trusted ones of the key (edits take up to 5 minutes)',
      },
    );
  if (answer.status === 400 && request.body?.includes('"cursor"')) {
    const expired = errors.some((text) => /cursor has expired/i.test(text));
    return new ConnectorError(expired ? 'The page cursor has expired.' : 'Gong refused a page cursor.', {
      area: 'service',
      reason: 'cursor_expired',
      fields,
    });
  }
  if (answer.status === 404)
    return new ConnectorError(`Gong knows no ${fields.route} (404).`, {
      area: 'config',
      fields,
      hint: 'the host is probably wrong: set GONG_BASE_URL to the API host shown at app.gong.io/company/api-authentication',
    });
  if (answer.status >= 300 && answer.status < 400)
    return new ConnectorError(`Gong answered with a redirect (${answer.status}), which is never followed with a key.`, {
      area: 'config',
      fields,
      hint: 'set GONG_BASE_URL to the API host shown at app.gong.io/company/api-authentication',
    });
  return new ConnectorError(`Gong refused ${fields.route} with status ${answer.status}.`, {
    area: 'service',
    fields,
    hint: 'run: gong-elt check; if it stays, report it with the request id',
  });
}

/** A 200 of another shape: what is wrong with it, by place and never by value. */
export function oddAnswer(request: HttpRequest, answer: HttpAnswer, error: z.ZodError): ConnectorError {
  // Paths only: the issues of zod can quote what they found.
  const places = error.issues.slice(0, 3).map((issue) => issue.path.map(String).join('.') || '(top)');
  return new ConnectorError(
    `Gong's answer to ${request.method} ${request.path} is not of the documented form (at ${places.join(', ')}).`,
    {
      area: 'service',
      fields: { http_status: answer.status, request_id: answer.requestId },
      hint: 'a proxy or a wrong host may answer in its place: check GONG_BASE_URL, then run: gong-elt check',
    },
  );
}
