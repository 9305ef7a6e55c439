// Settings as people and hosts send them: put into the types of their schema, checked, and every problem told at once.
import type { z } from 'zod';
import { ConnectorError } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { isJsonObject } from './json.ts';
import { toJsonSchema } from './json-schema.ts';
import { nearestName } from './nearest-name.ts';

/** What is wrong with one setting. `text` reads on after the path and never holds the value. */
export interface SettingProblem {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/**
 * Parses settings by a schema of flat keys. Hosts' own keys (first character `_`) are dropped, null means "not set", numbers,
 * true and false, lists and groups may come as text (environment variables and some hosts know nothing else), an empty text is
 * an error.
 * @param crossCheck problems that need more than one setting; it sees the settings in their types, but unchecked.
 * @param tell each problem as it is to be told
 * @throws ConnectorError of area `config` that names every problem by path, without values.
 */
export function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  crossCheck: (settings: JsonObject) => readonly SettingProblem[] = () => [],
  tell: (problem: SettingProblem) => SettingProblem = (problem) => problem,
): z.output<Schema> {
  if (!isJsonObject(value)) throw configError([{ path: [], text: 'must be a group of settings (key: value)' }]);
  const form = toJsonSchema(schema, 'input');
  const problems: SettingProblem[] = [];
  const own = Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('_')));
  const settings = toTypes(own, form, [], problems) as JsonObject;
  const result = schema.safeParse(settings);
  for (const issue of result.error?.issues ?? []) problems.push(...problemsOf(issue, settings, form));
  problems.push(...crossCheck(settings));
  if (problems.length > 0) throw configError(firstPerPath(problems).map(tell));
  return result.data as z.output<Schema>;
}

/** `kits[0].code` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

function configError(problems: readonly SettingProblem[]): ConnectorError {
  const lines = problems.map(({ path, text }) => (path.length === 0 ? text : `${pathText(path)} ${text}`));
  const [only = ''] = lines;
  return new ConnectorError(
    lines.length === 1
      ? `Configuration: ${only}.`
      : `Configuration: ${lines.length} problems.${lines.map((line) => `\n  - ${line}`).join('')}`,
    {
      area: 'config',
      hint: 'correct what is named here, then run the same command again',
      fields: { problems: lines.length, paths: problems.map(({ path }) => pathText(path)).join(', ') },
    },
  );
}

function firstPerPath(problems: readonly SettingProblem[]): SettingProblem[] {
  const byPath = new Map<string, SettingProblem>();
  for (const problem of problems) if (!byPath.has(pathText(problem.path))) byPath.set(pathText(problem.path), problem);
  return [...byPath.values()];
}

const numberText = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

function toTypes(
  value: JsonValue,
  form: JsonValue | undefined,
  path: PropertyKey[],
  problems: SettingProblem[],
): JsonValue {
  const { type, items, properties } = isJsonObject(form) ? form : {};
  const isNested = type === 'array' || type === 'object';
  if (value === '') {
    problems.push({ path, text: 'is empty: give it a value, or leave the setting out' });
    return value;
  }
  if ((type === 'number' || type === 'integer') && typeof value === 'string' && numberText.test(value.trim()))
    return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (isNested && typeof value === 'string') {
    const parsed = parseJson(value);
    if (parsed === undefined)
      problems.push({ path, text: `is not JSON: write it as ${type === 'array' ? '[…]' : '{…}'}` });
    return parsed === undefined ? value : toTypes(parsed, form, path, problems);
  }
  if (Array.isArray(value)) return value.map((item, index) => toTypes(item, items, [...path, index], problems));
  if (!isJsonObject(value)) return value;
  const forms = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, toTypes(member, memberOf(forms, key), [...path, key], problems)]),
  );
}

function parseJson(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

function problemsOf(issue: z.core.$ZodIssue, settings: JsonObject, form: JsonObject): SettingProblem[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], text: unknownText(key, namesAt(form, path)) }));
    case 'invalid_type':
      if (valueAt(settings, path) === undefined) return [{ path, text: 'is required' }];
      return [{ path, text: `must be ${typeNames[issue.expected] ?? `of type ${issue.expected}`}` }];
    case 'invalid_value':
      return [{ path, text: `must be one of ${issue.values.map((name) => JSON.stringify(name)).join(', ')}` }];
    case 'too_small':
      return [{ path, text: `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}` }];
    case 'too_big':
      return [{ path, text: `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}` }];
    default:
      // Our schemas give these their own words.
      return [{ path, text: issue.message }];
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text (in quotes)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings (key: value)',
};

function unknownText(key: string, names: readonly string[]): string {
  const near = nearestName(key, names);
  return near === undefined ? 'is not a known setting' : `is not a known setting. Did you mean "${near}"?`;
}

function memberOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function valueAt(value: JsonValue, path: readonly PropertyKey[]): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const part of path) {
    if (Array.isArray(at)) at = at[Number(part)];
    else at = isJsonObject(at) ? memberOf(at, String(part)) : undefined;
  }
  return at;
}

function namesAt(form: JsonObject, path: readonly PropertyKey[]): string[] {
  let at: JsonValue | undefined = form;
  for (const part of path) {
    if (!isJsonObject(at)) return [];
    at =
      typeof part === 'number'
        ? at['items']
        : isJsonObject(at['properties'])
          ? at['properties'][String(part)]
          : undefined;
  }
  return isJsonObject(at) && isJsonObject(at['properties']) ? Object.keys(at['properties']) : [];
}
