import { useRouter } from 'expo-router';
import { useTranslation } from 'react-i18next';

import { Blank, Button, Screen } from '@/ui';

export default function NotFound() {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <Screen>
      <Blank
        icon="cross"
        title={t('errors.noPage')}
        action={<Button label={t('status.home')} onPress={() => router.replace('/')} />}
      />
    </Screen>
  );
}
