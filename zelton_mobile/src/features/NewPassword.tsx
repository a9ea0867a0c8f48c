import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSentence } from '@/i18n/sentence';
import { Button, Field, Notice } from '@/ui';

interface Props {
  readonly password: string;
  readonly onChange: (password: string) => void;
  readonly error: unknown;
  readonly busy: boolean;
  readonly canSend?: boolean;
  readonly onSend: () => void;
}

const SHORTEST = 8;

/** A new password, typed twice. Whether it is good enough is for the backend to say. */
export function NewPassword({ password, onChange, error, busy, canSend = true, onSend }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const [again, setAgain] = useState('');
  const differs = again !== '' && again !== password;
  const isReady = canSend && password.length >= SHORTEST && again === password;
  return (
    <>
      <Field
        label={t('newPassword.label')}
        hint={t('newPassword.hint')}
        value={password}
        onChangeText={onChange}
        secureTextEntry
        autoCapitalize="none"
        autoComplete="new-password"
        testID="new-password"
      />
      <Field
        label={t('newPassword.again')}
        value={again}
        onChangeText={setAgain}
        error={differs ? t('newPassword.differs') : null}
        secureTextEntry
        autoCapitalize="none"
        autoComplete="new-password"
        testID="new-password-again"
      />
      {error ? <Notice tone="bad">{sentence(error)}</Notice> : null}
      <Button label={t('newPassword.action')} onPress={onSend} busy={busy} disabled={!isReady} testID="save-password" />
    </>
  );
}
