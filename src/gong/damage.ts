// What of an answer could not be read, in numbers.
import { lostIn, present } from './lists.ts';
import type { GongCall, GongTranscript } from './schemas.ts';

/** Elements of the lists of a call that are of another form. */
export function lostInCall({ parties, context }: GongCall): number {
  const contexts = [context, ...present(parties).map((party) => party.context)];
  const objects = contexts.flatMap((list) => present(list).map((one) => one.objects));
  const fields = objects.flatMap((list) => present(list).map((object) => object.fields));
  const methods = present(parties).map((party) => party.methods);
  return [parties, ...contexts, ...objects, ...fields, ...methods].reduce((sum, list) => sum + lostIn(list), 0);
}

/** The same of a transcript: words may be among them. */
export function lostInTranscript({ transcript }: GongTranscript): number {
  return present(transcript).reduce((sum, { sentences }) => sum + lostIn(sentences), lostIn(transcript));
}
