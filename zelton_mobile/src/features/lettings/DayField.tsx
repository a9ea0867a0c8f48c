import { useTranslation } from 'react-i18next';

import { day as shownDay } from '@/format';
import { Choices, Field } from '@/ui';

import { dayOf, written } from './days';

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Days that are likely, one tap away. */
  readonly likely: readonly string[];
  readonly error: string | null;
  readonly testID: string;
}

/** A day to choose or to write. */
export function DayField({ label, value, onChange, likely, error, testID }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Choices
        compact
        label={label}
        chosen={dayOf(value)}
        onChoose={(day) => onChange(written(day))}
        choices={[...new Set(likely)].map((day) => ({ value: day, label: shownDay(day, i18n.language) }))}
      />
      <Field
        label={t('lettings.anotherDay')}
        hint={t('lettings.dayHint')}
        value={value}
        onChangeText={onChange}
        inputMode="text"
        maxLength={10}
        error={error}
        testID={testID}
      />
    </>
  );
}
