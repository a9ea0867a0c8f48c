/** What is wrong with tax numbers before they are sent: the name of a sentence in `billing.wrong`. The backend decides. */
export type Wrong = 'pan' | 'gstin' | 'gstinDigit' | 'gstinState' | 'gstinPan';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const PAN = /^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]$/;
const GSTIN = /^\d{2}[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]$/;
const SPACES = /\s/g;

/** A tax number as it is kept, however it was written. */
export const plain = (number: string): string => number.replace(SPACES, '').toUpperCase();

export const wrongPan = (pan: string): Wrong | null => (pan === '' || PAN.test(pan) ? null : 'pan');

/** A GSTIN names a state and a PAN; with `state` or `pan` it has to name those. */
export function wrongGstin(gstin: string, state = '', pan = ''): Wrong | null {
  if (gstin === '') return null;
  if (!GSTIN.test(gstin)) return 'gstin';
  if (checkDigit(gstin) !== gstin.slice(-1)) return 'gstinDigit';
  if (state !== '' && gstin.slice(0, 2) !== state) return 'gstinState';
  return pan !== '' && gstin.slice(2, 12) !== pan ? 'gstinPan' : null;
}

/** The last letter of a GSTIN by the others: a checksum to the base of 36. */
function checkDigit(gstin: string): string {
  const products = [...gstin.slice(0, 14)].map((letter, place) => LETTERS.indexOf(letter) * (1 + (place % 2)));
  const total = products.reduce((sum, product) => sum + Math.floor(product / 36) + (product % 36), 0);
  return LETTERS.charAt((36 - (total % 36)) % 36);
}
