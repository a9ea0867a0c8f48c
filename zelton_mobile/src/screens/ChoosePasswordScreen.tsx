import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { NewPassword } from '@/features/NewPassword';
import { useSentence } from '@/i18n/sentence';
import { api, ApiError } from '@/services/api';
import { useSession } from '@/services/session';
import { Blank, Button, Screen } from '@/ui';

/** Where the link in a mail leads: it carries a token of one use. */
export function ChoosePasswordScreen({ token }: { readonly token: string }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const router = useRouter();
  const { forget } = useSession();
  const [password, setPassword] = useState('');
  const choosing = useMutation({
    mutationFn: () => api.choosePassword(token, password),
    onSuccess: forget, // a new password ends every sign-in, this device's too
  });

  if (choosing.isSuccess) {
    return (
      <Screen testID="password-chosen">
        <Blank
          icon="check"
          title={t('newPassword.done')}
          action={<Button label={t('signIn.action')} onPress={() => router.replace('/sign-in')} />}
        >
          {t('newPassword.doneHint')}
        </Blank>
      </Screen>
    );
  }
  if (token === '') return <DeadLink>{t('deadLink.cut')}</DeadLink>;
  // Nothing that is typed here makes a dead link live.
  if (choosing.error instanceof ApiError && choosing.error.code === 'token_not_valid') {
    return <DeadLink>{sentence(choosing.error)}</DeadLink>;
  }
  return (
    <Screen testID="choose-password">
      <NewPassword
        password={password}
        onChange={setPassword}
        error={choosing.error}
        busy={choosing.isPending}
        onSend={() => choosing.mutate()}
      />
      <Home />
    </Screen>
  );
}

/** What is wrong with a link, and where a new one comes from. */
function DeadLink({ children }: { readonly children: string }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <Screen testID="dead-link">
      <Blank
        icon="cross"
        title={t('deadLink.title')}
        action={
          <Button
            label={t('deadLink.ask')}
            onPress={() => router.replace('/forgot-password')}
            testID="to-forgot-password"
          />
        }
      >
        {children}
      </Blank>
      <Home />
    </Screen>
  );
}

function Home() {
  const { t } = useTranslation();
  const router = useRouter();
  const { user } = useSession();
  return (
    <Button
      kind="plain"
      label={t(user ? 'status.home' : 'forgot.back')}
      onPress={() => router.replace(user ? '/' : '/sign-in')}
    />
  );
}
