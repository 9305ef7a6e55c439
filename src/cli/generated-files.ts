// The files that are printed from schemas: for hosts, for editors, and for whoever reads our rows.
import { stringify } from 'yaml';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { toJsonSchema } from '../core/json-schema.ts';
import { callRowSchema, transcriptRowSchema } from '../gong/row-schemas.ts';
import { destinationSpec } from '../hosts/airbyte/destination.ts';
import { aboutTarget } from '../hosts/singer/destination.ts';
import { meltanoDefinition } from '../hosts/singer/meltano-definition.ts';
import { aboutTap } from '../hosts/singer/source.ts';
import { runRowSchema } from '../semarize/row-schemas.ts';
import { peopleConfigSchema } from '../settings/settings.ts';
import { secretSettings, sourceSpec } from '../source/config.ts';

/** Path in the repository → text, ready to be written. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const files: Record<string, JsonObject> = {
    'spec.json': sourceSpec(),
    'schemas/destination.json': destinationSpec(),
    'schemas/config.json': peopleConfigForm(),
    'schemas/calls.json': rowForm('calls', toJsonSchema(callRowSchema)),
    'schemas/transcripts.json': rowForm('transcripts', toJsonSchema(transcriptRowSchema)),
    'schemas/semarize_runs.json': rowForm('semarize_runs', toJsonSchema(runRowSchema)),
  };
  const plugins = [await aboutTap('tap-gong-semarize'), aboutTarget('target-duckdb-parquet')];
  return new Map([
    ...Object.entries(files).map(([path, form]) => [path, `${JSON.stringify(form, null, 2)}\n`] as const),
    ...plugins.map((about) => [`meltano/${about.name}.yml`, stringify(meltanoDefinition(about))] as const),
  ]);
}

const draft = { $schema: 'http://json-schema.org/draft-07/schema#' };

function rowForm(title: string, form: JsonObject): JsonObject {
  return { ...draft, title, ...form };
}

/** For editors: they mark unknown keys, they know days without a time, and keys do not stand in this file. */
function peopleConfigForm(): JsonObject {
  const form = toJsonSchema(peopleConfigSchema, 'input');
  const properties = isJsonObject(form['properties']) ? form['properties'] : {};
  const isShown = (name: JsonValue) => !secretSettings.some((secret) => secret === name);
  const shown = Object.entries(properties).filter(([name]) => isShown(name));
  return {
    ...draft,
    title: 'gong-elt.yaml',
    ...form,
    properties: Object.fromEntries(
      shown.map(([name, property]) => {
        const { format: _, ...rest } = isJsonObject(property) ? property : {};
        return [name, rest];
      }),
    ),
    required: Array.isArray(form['required']) ? form['required'].filter(isShown) : [],
    additionalProperties: false,
  };
}
