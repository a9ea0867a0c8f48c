import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { NewPassword } from '@/features/NewPassword';
import { api } from '@/services/api';
import { useSession } from '@/services/session';
import { Field, Screen, Text } from '@/ui';

export function ChangePasswordScreen() {
  const { t } = useTranslation();
  const { forget } = useSession();
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const changing = useMutation({ mutationFn: () => api.changePassword(old, password), onSuccess: forget });
  return (
    <Screen testID="change-password">
      <Text color="muted">{t('newPassword.signsOut')}</Text>
      <Field
        label={t('newPassword.old')}
        value={old}
        onChangeText={setOld}
        secureTextEntry
        autoCapitalize="none"
        autoComplete="current-password"
        testID="old-password"
      />
      <NewPassword
        password={password}
        onChange={setPassword}
        error={changing.error}
        busy={changing.isPending}
        canSend={old !== ''}
        onSend={() => changing.mutate()}
      />
    </Screen>
  );
}
