import { useTranslation } from 'react-i18next';

interface State {
  /** The two digits that a GSTIN begins with. */
  readonly code: string;
  readonly name: string;
}

/** The states of India by their names in the person's language, as an alphabet orders them. */
export function useStates(): readonly State[] {
  const { t, i18n } = useTranslation();
  const names = t('states', { returnObjects: true });
  return Object.entries(names)
    .map(([code, name]) => ({ code, name }))
    .sort((one, other) => one.name.localeCompare(other.name, i18n.language));
}
