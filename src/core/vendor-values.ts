// What comes from vendors and goes into logs, errors or states: words of a known form and numbers within a range, or nothing. Their
// texts may quote anything, a sentence of a transcript included.

/** A vendor's error code, or `other`. */
export function toCode(value: unknown): string {
  return typeof value === 'string' && /^[a-z0-9_]{1,64}$/.test(value) ? value : 'other';
}

/** An id that a vendor made (of a request, a version), or undefined. */
export function toVendorId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:@/+=-]{1,128}$/.test(value) ? value : undefined;
}
