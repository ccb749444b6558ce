/** @file The bus: one LISTEN connection that rings this process's doorbell. After every (re)connection it rings all, since NOTIFY is not kept. */
import { singleConnection } from '#drizzle/client.ts';
import type { SingleConnection } from '#drizzle/client.ts';
import { createDoorbell } from './doorbell.ts';
import type { Doorbell } from './doorbell.ts';
import { channel } from './ring.ts';

export interface Bus extends Doorbell {
  close(): Promise<void>;
}

const firstDelayMs = 50;
const maxDelayMs = 2_000;
/** A connection that died without a word (a cable, a firewall) is found by this. */
const pulseMs = 10_000;

export async function createBus(url: string, log: (line: string) => void): Promise<Bus> {
  const bell = createDoorbell();
  let closed = false;
  let client: SingleConnection | null = null;
  let retry: NodeJS.Timeout | undefined;
  let delay = firstDelayMs;

  async function listen(): Promise<void> {
    const next = singleConnection(url, { name: 'plateau bus' });
    let lost = false;
    const lose = (error?: Error) => {
      if (lost) return;
      lost = true;
      if (client === next) client = null;
      next.removeAllListeners('notification');
      next.end().catch(() => {});
      if (closed) return;
      if (error) log(`bus: lost the database (${error.message}), trying again in ${delay} ms`);
      retry = setTimeout(() => void listen(), delay);
      delay = Math.min(delay * 2, maxDelayMs);
    };
    next.on('error', lose);
    next.on('end', () => lose());
    next.on('notification', ({ payload }) => payload && bell.ring(payload));
    try {
      await next.connect();
      await next.query(`listen ${channel}`);
    } catch (error) {
      return lose(error as Error);
    }
    if (closed) return void next.end().catch(() => {});
    client = next;
    delay = firstDelayMs;
    bell.ringAll();
  }

  await listen();
  const pulse = setInterval(() => {
    const current = client;
    if (!current) return;
    const late = setTimeout(() => current.emit('error', new Error('no answer within 5 s')), 5_000);
    current.query('select 1').then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    );
  }, pulseMs);
  pulse.unref();

  return {
    ...bell,
    async close() {
      closed = true;
      clearTimeout(retry);
      clearInterval(pulse);
      bell.ringAll();
      await client?.end().catch(() => {});
    },
  };
}
