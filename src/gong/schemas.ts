// What Gong's answers must look like for us: only what we use is named, only keys and ids are mandatory; null counts as absent.
import { z } from 'zod';
import type { JsonObject } from '../core/json.ts';
import { lenient, listOf } from './lists.ts';

const optionalText = z.string().nullish();

/** Whole seconds or milliseconds within a call; what no call can last counts as unset. */
const span = () => lenient(z.number().min(0).max(1e10).overwrite(Math.round));

/** A numeric id has already lost digits, so it is refused rather than repaired. */
const id = z.string().min(1);

export const crmObjectSchema = z.object({
  objectType: lenient(z.string()),
  objectId: lenient(z.string()),
  timing: lenient(z.string()),
  fields: listOf(z.object({ name: z.string(), value: z.json().nullish() })),
});

export const crmContextSchema = z.object({
  system: lenient(z.string()),
  objects: listOf(crmObjectSchema),
});

export const partySchema = z.object({
  id: lenient(z.string()),
  speakerId: lenient(z.string()),
  userId: lenient(z.string()),
  emailAddress: lenient(z.string()),
  name: lenient(z.string()),
  title: lenient(z.string()),
  phoneNumber: lenient(z.string()),
  affiliation: lenient(z.string()),
  methods: listOf(z.string()),
  context: listOf(crmContextSchema),
});

export const metaDataSchema = z.object({
  id,
  url: lenient(z.string()),
  title: lenient(z.string()),
  scheduled: lenient(z.string()),
  started: z.string(),
  duration: span(),
  primaryUserId: lenient(z.string()),
  direction: lenient(z.string()),
  system: lenient(z.string()),
  scope: lenient(z.string()),
  media: lenient(z.string()),
  language: lenient(z.string()),
  workspaceId: lenient(z.string()),
  purpose: lenient(z.string()),
  isPrivate: lenient(z.boolean()),
});

const namedCallSchema = z.object({
  metaData: metaDataSchema,
  context: listOf(crmContextSchema),
  parties: listOf(partySchema),
});

/** A call as we use it, with the whole object as Gong sent it in `raw`. */
export const callSchema = z.unknown().transform((raw, context) => {
  const parsed = namedCallSchema.safeParse(raw);
  if (parsed.success) return { ...parsed.data, raw: raw as JsonObject };
  for (const issue of parsed.error.issues)
    context.addIssue({ code: 'custom', path: issue.path, message: 'not of the documented form' });
  return z.NEVER;
});

const recordsSchema = z.object({
  totalRecords: lenient(z.int().min(0).max(1e9)),
  cursor: optionalText,
});

export const callsAnswerSchema = z.object({ records: recordsSchema, calls: z.array(callSchema) });

export const transcriptSchema = z.object({
  callId: id,
  transcript: listOf(
    z.object({
      speakerId: lenient(z.string()),
      topic: lenient(z.string()),
      // A text of another form is lost words.
      sentences: listOf(z.object({ start: span(), end: span(), text: optionalText })),
    }),
  ),
});

export const transcriptsAnswerSchema = z.object({ records: recordsSchema, callTranscripts: z.array(transcriptSchema) });

export const userSchema = z.object({
  id,
  emailAddress: lenient(z.string()),
  firstName: lenient(z.string()),
  lastName: lenient(z.string()),
});

export const usersAnswerSchema = z.object({ records: recordsSchema, users: z.array(userSchema) });

export const errorAnswerSchema = z.object({ errors: z.array(z.string()).catch([]) });

export type GongCall = z.infer<typeof callSchema>;
export type GongTranscript = z.infer<typeof transcriptSchema>;
export type GongUser = z.infer<typeof userSchema>;
export type GongParty = z.infer<typeof partySchema>;
