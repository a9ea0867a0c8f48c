import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { Blank, Button, Field, Notice, Screen, Text } from '@/ui';

export function ForgotPasswordScreen() {
  const { t } = useTranslation();
  const sentence = useSentence();
  const router = useRouter();
  const [email, setEmail] = useState('');
  const asking = useMutation({ mutationFn: () => api.askPasswordReset(email.trim()) });
  const looksRight = /^\S+@\S+\.\S+$/.test(email.trim());

  if (asking.isSuccess) {
    return (
      <Screen testID="reset-sent">
        <Blank
          icon="check"
          title={t('forgot.sent')}
          action={<Button label={t('forgot.back')} onPress={() => router.replace('/sign-in')} />}
        >
          {t('forgot.sentHint')}
        </Blank>
      </Screen>
    );
  }
  return (
    <Screen testID="forgot-password">
      <Text color="muted">{t('forgot.hint')}</Text>
      <Field
        label={t('forgot.email')}
        value={email}
        onChangeText={setEmail}
        autoCapitalize="none"
        autoComplete="email"
        inputMode="email"
        testID="email"
      />
      {asking.error ? <Notice tone="bad">{sentence(asking.error)}</Notice> : null}
      <Button
        label={t('forgot.action')}
        onPress={() => asking.mutate()}
        busy={asking.isPending}
        disabled={!looksRight}
        testID="send-reset"
      />
      <Button kind="plain" label={t('forgot.back')} onPress={() => router.replace('/sign-in')} />
    </Screen>
  );
}
