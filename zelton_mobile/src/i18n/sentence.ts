import { useTranslation } from 'react-i18next';

import { day, moment, money, month } from '@/format';
import { ApiError } from '@/services/api';

const FIGURE = /\{\{(\w+)\}\}/g;

/** Return the sentence that tells a person what went wrong, in their language where there is a translation. */
export function useSentence(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('errors.unexpected');
    if (error.kind === 'network') return t('errors.network');
    if (error.kind === 'unreadable' || !error.problem) return t('errors.unreadable');
    const { code, errors = {}, detail, params = {} } = error.problem;
    const fields = code === 'invalid' ? Object.keys(errors).map((field) => translated(i18n, `invalid.${field}`)) : [];
    const known = fields.filter((sentence) => sentence !== null);
    if (known.length > 0) return known.join(' ');
    const figures = Object.entries(params).map(([name, value]) => [name, written(value, i18n.language)]);
    return (
      translated(i18n, `figures.${code}`, Object.fromEntries(figures)) ?? translated(i18n, `problems.${code}`) ?? detail
    );
  };
}

/** Return what the API has against a field, in the person's language where there is a translation; null: nothing. */
export function useFieldSentence(): (error: unknown, field: string) => string | null {
  const { i18n } = useTranslation();
  return (error, field) => {
    const complaints = error instanceof ApiError ? error.problem?.errors?.[field] : undefined;
    return complaints ? (translated(i18n, `invalid.${field}`) ?? complaints.join(' ')) : null;
  };
}

/** A failure's sentence: the backend speaks English, so other languages have their own by the same code. */
export function useFailureSentence(): (failure: { code: string; sentence: string }) => string {
  const { i18n } = useTranslation();
  return (failure) => translated(i18n, `failures.${failure.code}`) ?? failure.sentence;
}

/** A movement of a statement: the backend describes it in English, other languages have their own words by its kind. */
export function useMovement(): (movement: { kind: string; reference: string; description: string }) => string {
  const { i18n } = useTranslation();
  return ({ kind, reference, description }) =>
    translated(i18n, `movements.${kind}`, { month: month(reference, i18n.language) }) ?? description;
}

/** The families of words for what the API says in codes. */
type Family =
  | 'autopay.kinds'
  | 'autopay.sentences'
  | 'autopay.states'
  | 'invoices.kinds'
  | 'modes'
  | 'notifications.kinds'
  | 'periods'
  | 'refunds.states'
  | 'roles'
  | 'states'
  | 'statuses'
  | 'subscription.statuses';

/** The word for a code of the API; null for one that a newer backend knows and this app does not. No code is shown. */
export function useWord(): (family: Family, code: string) => string | null {
  const { i18n } = useTranslation();
  return (family, code) => translated(i18n, `${family}.${code}`);
}

/** A plan and its period; what this app has no word for is left out. */
export function usePlanName(): (plan: string, period: string | null) => string {
  const word = useWord();
  return (plan, period) => [plan, period && word('periods', period)].filter(Boolean).join(' · ');
}

/** A figure of a problem as a person reads it: an amount, a day, an instant, or what else it is. */
function written(value: string | number, language: string): string {
  const text = String(value);
  if (typeof value === 'number') return text;
  if (/^-?\d+\.\d{2}$/.test(text)) return money(text);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return day(text, language);
  return /^\d{4}-\d{2}-\d{2}T/.test(text) ? moment(text, language) : text;
}

/** Null where there is no such sentence, or a figure of it is not known. */
function translated(
  i18n: ReturnType<typeof useTranslation>['i18n'],
  key: string,
  figures: Record<string, string> = {},
): string | null {
  const text: unknown = i18n.getResource(i18n.language, 'translation', key);
  if (typeof text !== 'string') return null;
  const named = text.replace(FIGURE, (place, name: string) => figures[name] ?? place);
  return named.match(FIGURE) ? null : named;
}
