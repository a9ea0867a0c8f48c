import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Tenancy } from '@/api/schema';
import { withKey } from '@/features/idempotency';
import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { useUser } from '@/services/session';
import { Button, Notice, Text } from '@/ui';

import { Invitation } from './Invitation';
import { keepLink, useKeptLink } from './keptLink';

/** A tenant who has not chosen a password yet: the link that this device has, and inviting them again. */
export function Invited({ tenancy }: { readonly tenancy: Tenancy }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const queries = useQueryClient();
  const { id: user } = useUser();
  const kept = useKeptLink(tenancy.id);
  const [showsLink, setShowsLink] = useState(false);
  const inviting = useMutation({
    mutationFn: () =>
      withKey(`invite.${user}.${tenancy.id}`, {}, async (key) => {
        const invitation = await api.inviteAgain(tenancy.id, key);
        // Also over an older link, which is dead now.
        await keepLink(user, tenancy.id, invitation.link);
        return invitation;
      }),
    onSettled: () => queries.invalidateQueries(),
  });
  const link = inviting.data ? inviting.data.link : kept;
  const address = inviting.data?.mailed_to ?? '';
  const isShown = address !== '' || (link && (showsLink || inviting.data));
  return (
    <>
      <Text color="muted" testID="not-signed-up">
        {t('lettings.notSignedUp', { name: tenancy.tenant })}
      </Text>
      {link && !isShown ? (
        <Button kind="secondary" label={t('lettings.showLink')} onPress={() => setShowsLink(true)} testID="show-link" />
      ) : null}
      {isShown ? <Invitation tenant={tenancy.tenant} unit={tenancy.unit} link={link ?? ''} address={address} /> : null}
      {inviting.error ? <Notice tone="bad">{sentence(inviting.error)}</Notice> : null}
      {inviting.data ? null : (
        <>
          <Button
            kind="secondary"
            label={t('lettings.inviteAgain')}
            busy={inviting.isPending}
            onPress={() => inviting.mutate()}
            testID="invite-again"
          />
          <Text variant="small" color="muted">
            {t('lettings.inviteAgainHint')}
          </Text>
        </>
      )}
    </>
  );
}
