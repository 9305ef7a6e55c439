// The settings of the people's program: those of the source, and two places. schemas/config.json is printed from here.
import { z } from 'zod';
import { sourceConfigSchema } from '../source/config.ts';

/** What a command needs that never asks Gong or Semarize. */
export const placesShape = {
  destination: z
    .string()
    .optional()
    .meta({
      title: 'Destination',
      description:
        'Where rows go: a file that ends in .duckdb, or a folder or s3://bucket/folder for a lake of Delta tables. Paths are relative to this file.',
      examples: ['warehouse.duckdb', './lake', 's3://bucket/gong'],
    }),
  analytics: z
    .string()
    .optional()
    .meta({
      title: 'Analytics',
      description: 'The file with the settings of the marts. Relative to this file.',
      examples: ['analytics.yaml'],
    }),
};

/** Of a destination in an object store. */
export const bucketShape = {
  single_writer: z.boolean().default(false).meta({
    title: 'Single writer',
    description:
      'true: nobody but one gong-elt ever writes to this destination, so an object store without conditional writes will do.',
  }),
};

export const peopleConfigSchema = z.strictObject({ ...sourceConfigSchema.shape, ...placesShape, ...bucketShape });

export type SettingName = keyof typeof peopleConfigSchema.shape;

/** In the order of the help. */
export const settingNames = Object.keys(peopleConfigSchema.shape) as readonly SettingName[];
