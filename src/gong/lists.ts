// Lists in Gong's answers, taken element by element: one element of another form must not cost its neighbours.
import { z } from 'zod';

/** Unset ones come as null or not at all; what is of another form counts as unset. */
export const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined);

/** A list of which an element of another form is null; so is the only one of what is no list at all. */
export const listOf = <Schema extends z.ZodType>(schema: Schema) => z.array(lenient(schema)).nullish().catch([null]);

type List<Element> = readonly (Element | null | undefined)[] | null | undefined;

/** The elements that are of the documented form. */
export function present<Element>(list: List<Element>): Element[] {
  return (list ?? []).filter((element) => element !== null && element !== undefined);
}

/** How many are not. */
export function lostIn(list: List<unknown>): number {
  return (list ?? []).length - present(list).length;
}
