import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useStates } from '@/i18n/states';
import { Card, Choices, LinkRow, Text } from '@/ui';

interface Props {
  /** Two digits; empty: none is given. */
  readonly value: string;
  readonly onChange: (state: string) => void;
  readonly error: string | null;
}

/** A state of India, from a list that is folded until it is needed. */
export function StateField({ value, onChange, error }: Props) {
  const { t } = useTranslation();
  const states = useStates();
  const [isOpen, setIsOpen] = useState(false);
  const choose = (state: string) => {
    setIsOpen(false);
    onChange(state);
  };
  return (
    <Card>
      <LinkRow
        label={t('billing.state')}
        value={states.find(({ code }) => code === value)?.name ?? t('billing.notGiven')}
        onPress={() => setIsOpen(!isOpen)}
        testID="billing-state"
      />
      <Text variant="small" color="muted">
        {t('billing.stateHint')}
      </Text>
      {error ? (
        <Text variant="small" color="bad" accessibilityRole="alert">
          {error}
        </Text>
      ) : null}
      {isOpen ? (
        <Choices
          compact
          label={t('billing.chooseState')}
          chosen={value}
          onChoose={choose}
          choices={[
            { value: '', label: t('billing.notGiven') },
            ...states.map(({ code, name }) => ({ value: code, label: name })),
          ]}
        />
      ) : null}
    </Card>
  );
}
