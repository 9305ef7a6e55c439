// No secret leaves through a log or an error: known secrets are taken out by value, unknown ones by what stands before them.

/** Takes secrets out of text on its way to people. One per process; every sink that is not data goes through it. */
export interface Redactor {
  /** From now on `secret` is taken out, in clear and in the forms it has on the wire. */
  learn(secret: string): void;
  redact(text: string): string;
}

const mask = '[redacted]';

// Shorter texts are no secrets, but would be found everywhere.
const shortestSecret = 6;

const named: readonly [RegExp, string][] = [
  [/\b(Basic|Bearer)\s+[\w+/=.~-]{6,}/gi, `$1 ${mask}`],
  [/\bsmz_(live|test)_\w+/gi, `smz_$1_${mask}`],
  [/(:\/\/)[^\s/?#@]+@/g, `$1${mask}@`],
  [
    /((?:secret|token|password|api_?key|access_?key|authorization)\w*["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"',;}]+/gi,
    `$1${mask}`,
  ],
];

export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let known: RegExp | undefined;
  return {
    learn(secret) {
      if (secret.length < shortestSecret) return;
      for (const form of formsOf(secret)) forms.add(form);
      // Longest first: a secret inside another one must not leave the rest of it behind.
      const longestFirst = [...forms].sort((a, b) => b.length - a.length);
      known = new RegExp(longestFirst.map((form) => form.replace(/[^\w]/g, '\\$&')).join('|'), 'gi');
    },
    redact(text) {
      const clean = known === undefined ? text : text.replace(known, mask);
      return named.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), clean);
    },
  };
}

/** In clear, in JSON, in a URL, in hex, and inside any Base64 text (Basic is Base64 of `key:secret`). */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    bytes.toString('hex'),
    ...[0, 1, 2].flatMap((offset) => base64Core(bytes, offset)),
  ];
}

/**
 * The characters that stand for `bytes` alone when they begin `offset` bytes after a multiple of three: those that share
 * bits with a neighbour are left out.
 */
function base64Core(bytes: Buffer, offset: number): string[] {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
  const first = Math.ceil((offset * 8) / 6);
  const end = Math.floor((shifted.length * 8) / 6);
  return [shifted.toString('base64').slice(first, end), shifted.toString('base64url').slice(first, end)];
}
