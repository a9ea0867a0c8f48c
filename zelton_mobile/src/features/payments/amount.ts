const RUPEE = 100;

export type AmountProblem = 'noAmount' | 'tooSmall' | 'tooMuch' | 'restTooSmall';

/**
 * What is wrong with an amount to pay or to refund, in paise, of what is left; null if nothing is. The backend decides by
 * the same rules.
 */
export function amountProblem(amount: number | null, left: number): AmountProblem | null {
  if (amount === null) return 'noAmount';
  if (amount < RUPEE) return 'tooSmall';
  if (amount > left) return 'tooMuch';
  // A rest below one rupee could never be moved.
  return amount < left && left - amount < RUPEE ? 'restTooSmall' : null;
}
