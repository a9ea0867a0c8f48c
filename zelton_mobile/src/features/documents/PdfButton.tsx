import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useSentence } from '@/i18n/sentence';
import { Button, Notice } from '@/ui';

import { openPdf } from './open';

interface Props {
  readonly label: string;
  readonly name: string;
  readonly load: () => Promise<ArrayBuffer>;
  readonly testID?: string;
}

export function PdfButton({ label, name, load, testID }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const opening = useMutation({ mutationFn: async () => openPdf(name, await load()) });
  return (
    <>
      <Button
        kind="secondary"
        icon="paper"
        label={opening.isPending ? t('common.fetching') : label}
        busy={opening.isPending}
        onPress={() => opening.mutate()}
        testID={testID}
      />
      {opening.error ? <Notice tone="bad">{sentence(opening.error)}</Notice> : null}
    </>
  );
}
