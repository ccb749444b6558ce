/** @file When a Lanczos run must look at its whole basis again: an estimate of how far its vectors have drifted from orthogonal. */

export interface Drift {
  /**
   * To be asked once for every vector, in order.
   *
   * @param alpha [j + 1 or more] the diagonal so far
   * @param beta [j or more] norms of the remainders before this one
   * @param next what the recurrence alone has left of the product with qⱼ: its norm
   * @returns whether that remainder must be taken from all vectors before it becomes qⱼ₊₁
   */
  exceeds(alpha: ArrayLike<number>, beta: ArrayLike<number>, next: number): boolean;
}

/**
 * The three-term recurrence alone keeps vectors orthogonal until a Ritz value converges, and the coefficients made so far tell when: the
 * products ωⱼₖ = qⱼ·qₖ obey the recurrence that the vectors obey, with some rounding added in every step. While none of them reaches √ε, the
 * coefficients are those of an orthogonal basis to within ε of the matrix. Passes over the basis are asked for at ε^¾, well before that, and
 * for two vectors each time, since the next one is made of the last two.
 *
 * Source: Simon 1984, The Lanczos algorithm with partial reorthogonalization; ε^¾ and the sign of the rounding: Larsen 1998.
 *
 * @param noise ε, the relative precision of products
 */
export function openDrift(noise: number): Drift {
  const most = noise ** 0.75;
  let [before, last] = [new Float64Array(0), Float64Array.of(1)]; // ω of qⱼ₋₁ and of qⱼ, each 1 with itself
  let scale = 0;
  let again = false;
  return {
    exceeds(alpha, beta, next) {
      const j = last.length - 1;
      scale = Math.max(scale, Math.abs(alpha[j]!), next);
      const rounding = (noise * scale) / next;
      const omega = Float64Array.from({ length: j + 2 }, (_, k) => {
        if (k > j) return 1;
        // α is taken with the remainder's own qⱼ: of that one only qⱼ₋₁ is left
        const above = k < j ? beta[k]! * last[k + 1]! + (alpha[k]! - alpha[j]!) * last[k]! : 0;
        const below = k > 0 && k < j ? beta[k - 1]! * last[k - 1]! : 0;
        const taken = j > 0 ? beta[j - 1]! * (k < j ? before[k]! : last[j - 1]!) : 0;
        const grown = (above + below - taken) / next;
        return grown + (grown < 0 ? -rounding : rounding);
      });
      const due = again || !omega.subarray(0, -1).every((share) => Math.abs(share) <= most);
      again = due && !again;
      if (due) omega.fill(noise, 0, -1);
      [before, last] = [last, omega];
      return due;
    },
  };
}
