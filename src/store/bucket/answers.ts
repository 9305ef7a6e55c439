// The XML of an object store's answers, as far as we ask for it. Pure. Their forms are fixed and flat, so members are found by name.

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** What keys with a delimiter behind the prefix begin with. */
  readonly prefixes: readonly string[];
  /** Of the next page. */
  readonly token: string | undefined;
}

/** @returns undefined for what is no list */
export function parseListPage(xml: string): ListPage | undefined {
  if (!/<ListBucketResult[\s>]/.test(xml)) return undefined;
  const objects = members(xml, 'Contents').map((object) => ({
    key: member(object, 'Key') ?? '',
    size: Number(member(object, 'Size') ?? Number.NaN),
    modifiedAt: Date.parse(member(object, 'LastModified') ?? ''),
  }));
  const prefixes = members(xml, 'CommonPrefixes').map((prefix) => member(prefix, 'Prefix') ?? '');
  const isTruncated = member(xml, 'IsTruncated') === 'true';
  return { objects, prefixes, token: isTruncated ? member(xml, 'NextContinuationToken') : undefined };
}

export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
}

export function parseUploads(xml: string): ListedUpload[] {
  return members(xml, 'Upload').map((upload) => ({
    key: member(upload, 'Key') ?? '',
    uploadId: member(upload, 'UploadId') ?? '',
    begunAt: Date.parse(member(upload, 'Initiated') ?? ''),
  }));
}

export interface StoreError {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly region: string | undefined;
}

/** Of an answer that is an error; some stores send none, and an answer to HEAD has no body. */
export function parseError(xml: string): StoreError {
  const [error] = members(xml, 'Error');
  if (error === undefined) return { code: undefined, message: undefined, region: undefined };
  return { code: member(error, 'Code'), message: member(error, 'Message'), region: member(error, 'Region') };
}

/** The text of the first member of that name. */
export function member(xml: string, name: string): string | undefined {
  const [text] = members(xml, name);
  return text === undefined ? undefined : decode(text);
}

function members(xml: string, name: string): string[] {
  const form = new RegExp(`<${name}(?:\\s[^>]*)?(?:/>|>([^]*?)</${name}>)`, 'g');
  return Array.from(xml.matchAll(form), ([, text]) => text ?? '');
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (all, hex, digits, name) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? all;
    const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

/** Text as it stands in XML. */
export function encodeXml(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
