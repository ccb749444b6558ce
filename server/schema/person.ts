/** @file Person: whoever writes notes. In local mode each browser is one, and gives itself a display name. */
import { refuse, text } from '../refusal.ts';
import { builder } from './builder.ts';
import { setDisplayName } from '../store/people.ts';
import type { PersonRow } from '../store/people.ts';

export const Person = builder.objectRef<Pick<PersonRow, 'id' | 'name'>>('Person').implement({
  description: 'Whoever writes notes; `name` is null until they give one.',
  fields: (t) => ({ id: t.exposeID('id'), name: t.exposeString('name', { nullable: true }) }),
});

builder.queryField('me', (t) => t.field({ type: Person, nullable: true, resolve: (_, __, { person }) => person }));

builder.mutationField('setDisplayName', (t) =>
  t.field({
    type: Person,
    args: { name: t.arg.string({ required: true }) },
    resolve: (_, { name }, { person, services }) => {
      if (!person) refuse('setDisplayName needs the plateau_person cookie; open the page first', 'UNAUTHENTICATED');
      return setDisplayName(services.client.db, person.id, text('name', name, 60));
    },
  }),
);
