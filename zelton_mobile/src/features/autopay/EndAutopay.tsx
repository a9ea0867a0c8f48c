import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { subscriptionQuery } from '@/features/queries';
import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { Button, Notice } from '@/ui';

interface Props {
  /** AutoPay that runs, or a request that waits to be approved. */
  readonly what: 'autopay' | 'autopay.setup';
  readonly onEnded?: () => void;
}

/** End AutoPay, after a question. */
export function EndAutopay({ what, onEnded }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const queries = useQueryClient();
  const [isSure, setIsSure] = useState(false);
  const ending = useMutation({
    mutationFn: api.endAutopay,
    onSuccess: onEnded,
    // Also after silence: what was asked for may have been done.
    onSettled: () => queries.invalidateQueries({ queryKey: subscriptionQuery.queryKey }),
  });
  if (ending.isSuccess) return <Notice tone="good">{t(`${what}.ended`)}</Notice>;
  if (!isSure) {
    return <Button kind="plain" label={t(`${what}.end`)} onPress={() => setIsSure(true)} testID="end-autopay" />;
  }
  return (
    <>
      <Notice tone="warn">{t(`${what}.sure`)}</Notice>
      {ending.error ? <Notice tone="bad">{sentence(ending.error)}</Notice> : null}
      <Button
        kind="danger"
        label={t(`${what}.end`)}
        busy={ending.isPending}
        onPress={() => ending.mutate()}
        testID="confirm-end-autopay"
      />
      <Button kind="secondary" label={t(`${what}.keep`)} onPress={() => setIsSure(false)} />
    </>
  );
}
