/** @file People: found by the secret in their cookie, of which only the SHA-256 is kept. */
import { createHash, randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Connection } from '#drizzle/client.ts';
import { people } from '#drizzle/schema.ts';
import { newId } from './ids.ts';

export type PersonRow = typeof people.$inferSelect;

const hash = (secret: string) => createHash('sha256').update(secret).digest('hex');

export async function personBySecret(db: Connection, secret: string): Promise<PersonRow | null> {
  if (!/^[\w-]{32,64}$/.test(secret)) return null;
  const [person] = await db
    .select()
    .from(people)
    .where(eq(people.secretHash, hash(secret)));
  return person ?? null;
}

export async function newPerson(db: Connection): Promise<{ person: PersonRow; secret: string }> {
  const secret = randomBytes(24).toString('base64url');
  const [person] = await db
    .insert(people)
    .values({ id: newId(), secretHash: hash(secret) })
    .returning();
  return { person: person!, secret };
}

export async function setDisplayName(db: Connection, id: string, name: string): Promise<PersonRow> {
  const [person] = await db.update(people).set({ name }).where(eq(people.id, id)).returning();
  return person!;
}
