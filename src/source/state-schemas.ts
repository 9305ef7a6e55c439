// The states as they are kept by a destination or a host, of this version and of 0.1.0.
import { z } from 'zod';

const instant = z.iso.datetime().nullable();
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

const listingShape = {
  v: z.number(),
  fingerprint: z.string(),
  closedThrough: instant,
  deepAt: instant,
  sweptAt: instant,
  seen: base64,
  waitedAt: instant.optional(),
};

export const callsSchema = z.looseObject({ ...listingShape, requests: z.tuple([z.string(), z.number()]).optional() });

const pendingSchema = z.record(
  z.string(),
  z.union([
    z.tuple([z.number(), z.number(), z.number()]),
    z.tuple([z.number(), z.number(), z.number(), z.enum(['gave_up', 'none', 'forbidden', 'too_large'])]),
  ]),
);
export const transcriptsSchema = z.looseObject({ ...listingShape, pending: pendingSchema });

export const runsSchema = z.looseObject({
  v: z.number(),
  fingerprint: z.string(),
  kits: z.record(
    z.string(),
    z.object({
      from: z.iso.datetime(),
      closedThrough: instant,
      deepAt: instant.default(null),
      /** 0.1.0: the last one alone. */
      answered: z.string().optional(),
      answers: z.array(z.string()).optional(),
      closed: z.array(z.tuple([z.number(), z.number()])).optional(),
      owed: z.record(z.string(), z.number()).optional(),
    }),
  ),
  /** 0.1.0: without saying to which kit. */
  owed: z.record(z.string(), z.number()).optional(),
  inFlight: z.record(z.string(), z.looseObject({ status: z.string() })).optional(),
  done: z.union([base64, z.looseObject({ kits: z.array(z.string()), calls: base64 })]).optional(),
  newest: z.array(z.string()).optional(),
});
