/** @file Inspect: exact quantities of a given network at given weights. */
import { builder } from './builder.ts';

builder.mutationField('inspect', (t) =>
  t.field({
    type: 'JSON',
    description:
      'Answers a question of `plateau inspect` (its --schema tells the fields). Files it names come along under `files`, name to base64. Up to 8 MiB by POST /graphql?inspect, a minute of computing; refused fields stand in extensions.issues.',
    args: { input: t.arg({ type: 'JSON', required: true }) },
    resolve: (_, { input }, { services }) => services.inspect(input),
  }),
);
