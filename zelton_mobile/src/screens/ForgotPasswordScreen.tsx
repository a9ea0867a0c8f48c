import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { useSession } from '@/services/session';
import { Blank, Button, Field, Notice, Screen, Text } from '@/ui';

export function ForgotPasswordScreen() {
  const { t } = useTranslation();
  const sentence = useSentence();
  const router = useRouter();
  const { user } = useSession();
  const [email, setEmail] = useState(user?.email ?? '');
  const asking = useMutation({ mutationFn: () => api.askPasswordReset(email.trim()) });
  // A link of a mail leads here, too, on a device on which somebody is signed in.
  const back = user ? 'status.home' : 'forgot.back';
  const leave = () => router.replace(user ? '/' : '/sign-in');
  const looksRight = /^\S+@\S+\.\S+$/.test(email.trim());

  if (asking.isSuccess) {
    return (
      <Screen testID="reset-sent">
        <Blank icon="check" title={t('forgot.sent')} action={<Button label={t(back)} onPress={leave} />}>
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
      <Button kind="plain" label={t(back)} onPress={leave} />
    </Screen>
  );
}
