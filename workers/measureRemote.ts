/** @file Measures a claim on a Plateau server: its runs are experiments there, to open, annotate and export. */
import type { Finding } from '#core/papers/claim.ts';
import { findingFromJson } from '#core/papers/findingJson.ts';
import type { Measurement } from './measureChild.ts';

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly share: number;
  readonly finding: unknown;
  readonly reason: string | null;
}
const fields = 'id state share finding reason';
const everyMs = 500;

/** @throws where the server does not answer, refuses, or the measurement fails or is stopped there: why */
export function remote(address: string): (measurement: Measurement, tell: (share: number) => void) => Promise<Finding> {
  async function ask<T>(query: string, variables: object): Promise<T> {
    let response: Response;
    try {
      response = await fetch(new URL('/graphql', address), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
    } catch (error) {
      throw new Error(
        `no server answers at ${address}: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`,
      );
    }
    const { data, errors } = (await response.json().catch(() => ({ errors: [{ message: `status ${response.status}, and no JSON` }] }))) as {
      data?: T;
      errors?: { message: string }[];
    };
    if (errors?.[0] || !data) throw new Error(`${address} refused: ${errors?.[0]?.message ?? 'no data'}`);
    return data;
  }
  return async (measurement, tell) => {
    const begin = `mutation($paper: String!, $claim: String!, $budget: Budget!, $seed: Float!) {
      measureClaim(paper: $paper, claim: $claim, budget: $budget, seed: $seed) { ${fields} } }`;
    let { measureClaim: answer } = await ask<{ measureClaim: Answer }>(begin, measurement);
    const { id } = answer;
    while (answer.state === 'measuring') {
      tell(answer.share);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      ({ finding: answer } = await ask<{ finding: Answer }>(`query($id: ID!) { finding(id: $id) { ${fields} } }`, { id }));
      if (answer === null) throw new Error('the measurement is gone from the server');
    }
    if (answer.state !== 'measured') throw new Error(`${answer.state}: ${answer.reason ?? 'no reason given'}`);
    return findingFromJson(answer.finding);
  };
}
