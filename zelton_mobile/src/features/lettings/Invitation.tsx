import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Button, Card, Notice, Text } from '@/ui';

import { handOver } from './handOver';

interface Props {
  readonly tenant: string;
  readonly unit: string;
  readonly link: string;
  readonly address: string;
}

/** How a tenant comes to a password: by a mail, by a link to hand over, or they have one. */
export function Invitation({ tenant, unit, link, address }: Props) {
  const { t } = useTranslation();
  const handing = useMutation({ mutationFn: () => handOver(t('lettings.message', { link, unit })) });
  return (
    <Card>
      <Text variant="heading">{t('lettings.invitation')}</Text>
      {link ? (
        <>
          <Text>{t('lettings.handOver', { name: tenant })}</Text>
          <Text selectable testID="invitation-link">
            {link}
          </Text>
          <Button
            label={t('lettings.share')}
            busy={handing.isPending}
            onPress={() => handing.mutate()}
            testID="share-link"
          />
          {handing.data === 'copied' ? <Notice tone="good">{t('lettings.copied')}</Notice> : null}
          <Text variant="small" color="muted">
            {t('lettings.once')}
          </Text>
        </>
      ) : (
        <Text testID="invited">
          {address ? t('lettings.mailed', { address }) : t('lettings.isHere', { name: tenant })}
        </Text>
      )}
    </Card>
  );
}
