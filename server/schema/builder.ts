/** @file The Pothos builder: scalars, the context of an operation, and the Status enum. One noun per file beside this one. */
import SchemaBuilder from '@pothos/core';
import { GraphQLError, Kind } from 'graphql';
import type { ValueNode } from 'graphql';
import { statuses } from '#core/protocol.ts';
import type { Services } from '../services.ts';
import type { Loaders } from '../store/loaders.ts';
import type { PersonRow } from '../store/people.ts';

export interface Context {
  readonly services: Services;
  /** Null only where a request came without a cookie and must not make a person (a script reading). */
  readonly person: PersonRow | null;
  readonly loaders: Loaders;
}

export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: { JSON: { Input: unknown; Output: unknown }; DateTime: { Input: Date; Output: Date }; ID: { Input: string; Output: string } };
}>({ defaultFieldNullability: false });

function literal(node: ValueNode): unknown {
  switch (node.kind) {
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literal(field.value)]));
    case Kind.LIST:
      return node.values.map(literal);
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.VARIABLE:
      throw new GraphQLError('a JSON literal may not hold variables; pass the whole value as one variable');
    default:
      return node.value;
  }
}

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node) => literal(node),
});
builder.scalarType('DateTime', {
  description: 'A moment, ISO 8601 in UTC.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = new Date(String(value));
    if (Number.isNaN(date.getTime())) throw new GraphQLError(`DateTime must be ISO 8601, got ${JSON.stringify(value)}`);
    return date;
  },
});

export const StatusEnum = builder.enumType('Status', { values: statuses });
