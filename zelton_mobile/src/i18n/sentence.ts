import { useTranslation } from 'react-i18next';

import { ApiError } from '@/services/api';

/** Return the sentence that tells a person what went wrong, in their language where there is a translation. */
export function useSentence(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('errors.unexpected');
    if (error.kind === 'network') return t('errors.network');
    if (error.kind === 'unreadable' || !error.problem) return t('errors.unreadable');
    const { code, errors = {}, detail } = error.problem;
    const fields = code === 'invalid' ? Object.keys(errors).map((field) => translated(i18n, `invalid.${field}`)) : [];
    const known = fields.filter((sentence) => sentence !== null);
    return known.length > 0 ? known.join(' ') : (translated(i18n, `problems.${code}`) ?? detail);
  };
}

/** A failure's sentence: the backend speaks English, so other languages have their own by the same code. */
export function useFailureSentence(): (failure: { code: string; sentence: string }) => string {
  const { i18n } = useTranslation();
  return (failure) => translated(i18n, `failures.${failure.code}`) ?? failure.sentence;
}

function translated(i18n: ReturnType<typeof useTranslation>['i18n'], key: string): string | null {
  const text: unknown = i18n.getResource(i18n.language, 'translation', key);
  return typeof text === 'string' ? text : null;
}
