/** @file drizzle-kit: `npx drizzle-kit generate --config drizzle/config.ts` writes the next migration; it is committed. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './drizzle/schema.ts', out: './drizzle/migrations' });
