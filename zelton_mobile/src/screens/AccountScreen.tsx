import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import { LANGUAGES, speak, type Language } from '@/i18n';
import { useSentence, useWord } from '@/i18n/sentence';
import { useSession, useUser } from '@/services/session';
import { Button, Card, Choices, Notice, Row, Screen } from '@/ui';

export function AccountScreen() {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const word = useWord();
  const router = useRouter();
  const user = useUser();
  const { signOut } = useSession();
  const leaving = useMutation({ mutationFn: (everywhere: boolean) => signOut(everywhere) });
  const choices = Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }));

  return (
    <Screen testID="account" title={t('account.title')}>
      <Card>
        <Row label={t('account.name')} value={user.name || '–'} />
        <Row label={t('account.email')} value={user.email || '–'} />
        <Row label={t('account.phone')} value={user.phone || '–'} />
        <Row label={t('account.role')} value={word('roles', user.role) ?? '–'} />
      </Card>
      <Choices
        compact
        label={t('account.language')}
        choices={choices}
        chosen={i18n.language as Language}
        onChoose={(language) => void speak(language)}
      />
      {user.role === 'owner' ? (
        <Button
          kind="secondary"
          label={t('titles.billing')}
          onPress={() => router.push('/billing')}
          testID="to-billing"
        />
      ) : null}
      <Button
        kind="secondary"
        label={t('titles.notifications')}
        onPress={() => router.push('/notifications')}
        testID="to-notifications"
      />
      <Button
        kind="secondary"
        label={t('titles.changePassword')}
        onPress={() => router.push('/change-password')}
        testID="to-change-password"
      />
      {leaving.error ? <Notice tone="bad">{sentence(leaving.error)}</Notice> : null}
      <Button
        kind="secondary"
        label={t('account.signOut')}
        busy={leaving.isPending && !leaving.variables}
        disabled={leaving.isPending}
        onPress={() => leaving.mutate(false)}
        testID="sign-out"
      />
      <Button
        kind="plain"
        label={t('account.signOutEverywhere')}
        busy={leaving.isPending && leaving.variables}
        disabled={leaving.isPending}
        onPress={() => leaving.mutate(true)}
        testID="sign-out-everywhere"
      />
    </Screen>
  );
}
