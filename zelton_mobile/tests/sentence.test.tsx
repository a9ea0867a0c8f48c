import { renderHook } from '@testing-library/react-native';
import type { ReactNode } from 'react';
import { I18nextProvider } from 'react-i18next';

import type { Problem } from '@/api/schema';
import { i18n } from '@/i18n';
import { useSentence } from '@/i18n/sentence';
import { ApiError } from '@/services/api';

import { problem } from './recorded';

const wrapper = ({ children }: { readonly children: ReactNode }) => (
  <I18nextProvider i18n={i18n}>{children}</I18nextProvider>
);
const said = (code: string, params?: Problem['params']): string => {
  const refused: Problem = { ...problem(409, code, 'In English.'), params };
  return renderHook(useSentence, { wrapper }).result.current(new ApiError('problem', 409, refused));
};
afterEach(() => i18n.changeLanguage('en'));

describe('a refusal', () => {
  it('is told in the backend’s own words in English', () => {
    expect(said('amount_above_due', { due: '150000.00' })).toBe('In English.');
  });

  it.each([
    ['amount_above_due', { due: '150000.00' }, 'आप ज़्यादा से ज़्यादा ₹1,50,000.00 चुका सकते हैं।'],
    ['unit_limit', { plan: 'Starter', units: 10, wanted: 11 }, /Starter प्लान में 10 यूनिट हैं.* 11 /],
    ['other_plan_running', { plan: 'Growth', until: '2026-12-28' }, /Growth प्लान 28 दिस॰ 2026 तक/],
    ['payment_waits', { amount: '499.00', until: '2026-11-28T06:30:00Z' }, /₹499.00 .* 28 नव॰ 2026, 12:00/],
  ])('is told in Hindi with its figures: %s', async (code, params, sentence) => {
    await i18n.changeLanguage('hi');
    expect(said(code, params)).toMatch(sentence);
  });

  it.each([
    ['of an older backend', undefined],
    ['of which one is missing', { limit: '1.00' }],
  ])('is told without figures %s', async (_, params) => {
    await i18n.changeLanguage('hi');
    expect(said('amount_above_due', params)).toBe('यह राशि बकाया से ज़्यादा है।');
  });

  it('that the app does not know is told in English, rather than not at all', async () => {
    await i18n.changeLanguage('hi');
    expect(said('brand_new', { due: '1.00' })).toBe('In English.');
  });
});
