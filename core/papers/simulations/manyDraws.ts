/** @file Bootstrap of medians over very many draws, without drawing them again. */
import { rng } from '../../rng.ts';
import { quantile } from '../../statistics.ts';

const resamples = 1000;

/**
 * Value and 95% interval of a statistic of the groups' medians. The median of a resample of n draws is one of the draws: that whose rank is n
 * times the median of n uniform numbers, which is normal around ½ with variance 1/(4n) up to terms of order 1/n. Source: David and Nagaraja 2003.
 */
export function overMedians(
  groups: readonly (readonly number[])[],
  statistic: (medians: readonly number[]) => number,
  seed: number,
): { readonly value: number; readonly interval: readonly [number, number] } {
  const sorted = groups.map((draws) => Float64Array.from(draws).sort());
  const random = rng(seed, 'probe');
  const at = (draws: Float64Array, share: number) => draws[Math.min(draws.length - 1, Math.max(0, Math.floor(share * draws.length)))]!;
  const again = () => sorted.map((draws) => at(draws, 0.5 + random.normal() / (2 * Math.sqrt(draws.length))));
  const values = Array.from({ length: resamples }, () => statistic(again()));
  return { value: statistic(sorted.map((draws) => at(draws, 0.5))), interval: [quantile(values, 0.025), quantile(values, 0.975)] };
}
