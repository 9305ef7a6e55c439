// MetricFlow's semantic models of the marts that have a time: keys are entities, numbers measures, the rest dimensions.

/** A mart's columns of time, the one it is counted by first. */
const timeColumns = ['week', 'started_at', 'day', 'last_seen'];

const entities = { call_id: 'call', run_id: 'run', kit_code: 'kit', opportunity_id: 'opportunity', gap: 'gap' };

/** @param relations with their columns; only marts are used */
export function semanticModels(relations) {
  const models = relations
    .filter(({ name }) => name.startsWith('mart_'))
    .map((mart) => ({ ...mart, time: timeColumns.find((name) => mart.columns.some((column) => column.name === name)) }))
    .filter(({ time }) => time !== undefined)
    .map(semanticModel);
  return {
    semantic_models: models,
    metrics: models.flatMap(({ measures }) =>
      measures.map(({ name, description }) => ({
        name,
        label: labelOf(name),
        description,
        type: 'simple',
        type_params: { measure: name },
      })),
    ),
  };
}

function semanticModel({ name, comment, columns, time }) {
  const short = name.replace(/^mart_/, '');
  const sorted = columns.map((column) => ({ ...column, as: kindOf(column) }));
  const of = (kind) => sorted.filter(({ as }) => as === kind);
  return {
    name: short,
    description: comment,
    model: `ref('${name}')`,
    defaults: { agg_time_dimension: `${time}_at` },
    primary_entity: `${short}_row`,
    entities: of('entity').map((column) => ({ name: entities[column.name], type: 'foreign', expr: column.name })),
    dimensions: [
      ...of('time').map((column) => ({
        name: `${column.name}_at`,
        description: column.comment,
        type: 'time',
        expr: column.name,
        type_params: { time_granularity: 'day' },
      })),
      ...of('dimension').map((column) => ({ name: column.name, description: column.comment, type: 'categorical' })),
    ],
    measures: of('measure').map((column) => ({
      name: `${short}_${column.name}`,
      description: column.comment,
      agg: isCount(column) ? 'sum' : 'average',
      expr: column.name,
    })),
  };
}

/** Counts add up over rows; scores, rates and limits do not. */
function isCount({ name, type }) {
  return /^(BIGINT|INTEGER)$/.test(type) && !/^(days|min|max)_/.test(name);
}

function kindOf({ name, type }) {
  if (Object.hasOwn(entities, name)) return 'entity';
  if (/^(DATE|TIMESTAMP)/.test(type)) return 'time';
  if (/^(DOUBLE|FLOAT|BIGINT|INTEGER|DECIMAL)/.test(type)) return 'measure';
  return /^(VARCHAR|BOOLEAN)$/.test(type) ? 'dimension' : 'nothing';
}

function labelOf(name) {
  const words = name.replaceAll('_', ' ');
  return words[0].toUpperCase() + words.slice(1);
}
