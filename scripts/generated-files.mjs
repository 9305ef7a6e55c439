// The files that are printed from schemas: for hosts, for editors, and for whoever reads our rows. From dist/.
import { stringify } from 'yaml';
import { dictionaryPage } from '../dist/analytics/dictionary-page.js';
import { isJsonObject } from '../dist/core/json.js';
import { toJsonSchema } from '../dist/core/json-schema.js';
import { openInMemory } from '../dist/duckdb/connection.js';
import { callRowSchema, transcriptRowSchema } from '../dist/gong/row-schemas.js';
import { destinationSpec } from '../dist/hosts/airbyte/destination.js';
import { aboutTarget } from '../dist/hosts/singer/destination.js';
import { meltanoDefinition } from '../dist/hosts/singer/meltano-definition.js';
import { aboutTap } from '../dist/hosts/singer/source.js';
import { runRowSchema } from '../dist/semarize/row-schemas.js';
import { peopleConfigSchema } from '../dist/settings/people-schema.js';
import { secretSettings, sourceSpec } from '../dist/source/config.js';
import { dbtFiles } from './dbt-package.mjs';

/** Folders that hold nothing but such files. */
export const generatedFolders = ['dbt/models'];

/** Path in the repository → text, ready to be written. */
export async function generatedFiles() {
  const files = {
    'spec.json': sourceSpec(),
    'schemas/destination.json': destinationSpec(),
    'schemas/config.json': peopleConfigForm(),
    'schemas/calls.json': rowForm('calls', toJsonSchema(callRowSchema)),
    'schemas/transcripts.json': rowForm('transcripts', toJsonSchema(transcriptRowSchema)),
    'schemas/semarize_runs.json': rowForm('semarize_runs', toJsonSchema(runRowSchema)),
  };
  const plugins = [await aboutTap('tap-gong-semarize'), aboutTarget('target-duckdb-parquet')];
  return new Map([
    ...Object.entries(files).map(([path, form]) => [path, `${JSON.stringify(form, null, 2)}\n`]),
    ...(await dbtFiles()),
    ...plugins.map((about) => [`meltano/${about.name}.yml`, stringify(meltanoDefinition(about))]),
    ['docs/data-dictionary.md', await dictionary()],
  ]);
}

async function dictionary() {
  const database = await openInMemory();
  try {
    return await database.exclusive(dictionaryPage);
  } finally {
    await database.close();
  }
}

const draft = { $schema: 'http://json-schema.org/draft-07/schema#' };

function rowForm(title, form) {
  return { ...draft, title, ...form };
}

/** For editors: they mark unknown keys, they know days without a time, and keys do not stand in this file. */
function peopleConfigForm() {
  const form = toJsonSchema(peopleConfigSchema, 'input');
  const properties = isJsonObject(form.properties) ? form.properties : {};
  const isShown = (name) => !secretSettings.some((secret) => secret === name);
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
    required: Array.isArray(form.required) ? form.required.filter(isShown) : [],
    additionalProperties: false,
  };
}
