import type { ErrorBoundaryProps } from 'expo-router';
import { useTranslation } from 'react-i18next';

import { i18n } from '@/i18n';
import { Blank, Button, Screen } from '@/ui';

/** What stands in the place of a screen that could not be drawn. It is around all of the app, and all is begun anew. */
export function BrokenScreen({ retry }: Pick<ErrorBoundaryProps, 'retry'>) {
  const { t } = useTranslation(undefined, { i18n });
  return (
    <Screen testID="broken">
      <Blank
        icon="cross"
        title={t('errors.title')}
        action={<Button kind="secondary" label={t('common.tryAgain')} onPress={() => void retry()} />}
      >
        {t('errors.unexpected')}
      </Blank>
    </Screen>
  );
}
