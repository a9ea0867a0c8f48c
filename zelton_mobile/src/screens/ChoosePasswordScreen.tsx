import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { NewPassword } from '@/features/NewPassword';
import { api, ApiError } from '@/services/api';
import { useSession } from '@/services/session';
import { Blank, Button, Screen } from '@/ui';

/** Where the link in a mail leads: it carries a token of one use. */
export function ChoosePasswordScreen({ token }: { readonly token: string }) {
  const { t } = useTranslation();
  const router = useRouter();
  const { forget, user } = useSession();
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
  return (
    <Screen testID="choose-password">
      <NewPassword
        password={password}
        onChange={setPassword}
        error={choosing.error}
        busy={choosing.isPending}
        onSend={() => choosing.mutate()}
      />
      {user === null && choosing.error instanceof ApiError && choosing.error.code === 'token_not_valid' ? (
        <Button
          kind="secondary"
          label={t('signIn.forgot')}
          onPress={() => router.replace('/forgot-password')}
          testID="to-forgot-password"
        />
      ) : null}
    </Screen>
  );
}
