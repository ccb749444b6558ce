/** @file The runs of a claim, trained in this process one after another, without a server: specs in, results out. */
import { collector, type RunResult } from '#core/results.ts';
import { parseSpec } from '#core/spec.ts';
import { probeRuntimes, type Probe } from './probe.ts';
import { trainSpec } from './trainSpec.ts';

/**
 * A run that crashes is a result too: its status says so.
 * @param tell is given the share that is done
 */
export async function trainClaim(
  specs: readonly unknown[],
  metrics: readonly string[],
  tell: (share: number) => void = () => {},
): Promise<RunResult[]> {
  const results: RunResult[] = [];
  let probes: Promise<Probe[]> | null = null; // once for all runs
  for (const input of specs) {
    const spec = parseSpec(input);
    const { append, series } = collector(metrics);
    let end: Pick<RunResult, 'status' | 'reason'>;
    try {
      end = await trainSpec({
        spec,
        sink: {
          append,
          log: () => {},
          facts: () => {},
          progress: (step) => tell((results.length + step / spec.steps) / specs.length),
          checkpoint: () => {},
        },
        control: { desired: () => 'run' },
        resume: null,
        probe: () => (probes ??= probeRuntimes()),
      });
    } catch (error) {
      end = { status: 'crashed', reason: (error as Error).message };
    }
    results.push({ spec, status: end.status, ...(end.reason === undefined ? {} : { reason: end.reason }), series });
    tell(results.length / specs.length);
  }
  return results;
}
