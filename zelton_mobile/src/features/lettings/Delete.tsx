import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSentence } from '@/i18n/sentence';
import { ApiError } from '@/services/api';
import { Button, Notice } from '@/ui';

interface Props {
  readonly what: 'property' | 'unit';
  readonly remove: () => Promise<void>;
}

/** Delete what nothing belongs to, after a question; what has a past stays, and the backend says so. */
export function Delete({ what, remove }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const router = useRouter();
  const queries = useQueryClient();
  const [isSure, setIsSure] = useState(false);
  const deleting = useMutation({
    mutationFn: () =>
      remove().catch((error: unknown) => {
        // The answer to an earlier try was lost: it is gone.
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      }),
    onSuccess: () => {
      router.dismissTo('/properties');
      return queries.invalidateQueries();
    },
  });
  if (!isSure) {
    return (
      <Button
        kind="plain"
        label={t(`lettings.delete.${what}`)}
        onPress={() => setIsSure(true)}
        testID={`delete-${what}`}
      />
    );
  }
  return (
    <>
      <Notice tone="warn">{t(`lettings.sureDelete.${what}`)}</Notice>
      {deleting.error ? <Notice tone="bad">{sentence(deleting.error)}</Notice> : null}
      <Button
        kind="danger"
        label={t(`lettings.delete.${what}`)}
        busy={deleting.isPending}
        onPress={() => deleting.mutate()}
        testID={`confirm-delete-${what}`}
      />
      <Button
        kind="secondary"
        label={t('common.cancel')}
        onPress={() => setIsSure(false)}
        disabled={deleting.isPending}
      />
    </>
  );
}
