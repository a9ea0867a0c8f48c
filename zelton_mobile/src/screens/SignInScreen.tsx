import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { View } from 'react-native';

import { useSentence } from '@/i18n/sentence';
import { useSession } from '@/services/session';
import { Button, Field, Notice, Screen, space, Text } from '@/ui';

export function SignInScreen() {
  const { t } = useTranslation();
  const sentence = useSentence();
  const router = useRouter();
  const { ended, signIn } = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signingIn = useMutation({ mutationFn: () => signIn(name.trim(), password) });
  const canSend = name.trim() !== '' && password !== '';

  return (
    <Screen testID="sign-in">
      <View style={{ paddingTop: space.xxl, gap: space.s }}>
        <Text variant="title" color="accent">
          Zelton
        </Text>
        <Text color="muted">{t('signIn.welcome')}</Text>
      </View>
      {ended ? <Notice tone="warn">{t('signIn.ended')}</Notice> : null}
      <Field
        label={t('signIn.name')}
        value={name}
        onChangeText={setName}
        autoCapitalize="none"
        autoComplete="username"
        autoCorrect={false}
        inputMode="email"
        testID="username"
      />
      <Field
        label={t('signIn.password')}
        value={password}
        onChangeText={setPassword}
        secureTextEntry
        autoCapitalize="none"
        autoComplete="current-password"
        onSubmitEditing={() => canSend && signingIn.mutate()}
        testID="password"
      />
      {signingIn.error ? <Notice tone="bad">{sentence(signingIn.error)}</Notice> : null}
      <Button
        label={t('signIn.action')}
        onPress={() => signingIn.mutate()}
        busy={signingIn.isPending}
        disabled={!canSend}
        testID="sign-in-button"
      />
      <Button kind="plain" label={t('signIn.forgot')} onPress={() => router.push('/forgot-password')} />
    </Screen>
  );
}
