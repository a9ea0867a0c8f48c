import { useTranslation } from 'react-i18next';

import type { Autopay, MandateState, Subscription } from '@/api/schema';
import { day, money } from '@/format';
import { useWord } from '@/i18n/sentence';
import { Badge, Card, Row, Text, type Tone } from '@/ui';

import { EndAutopay } from './EndAutopay';
import { SetUpAutopay } from './SetUpAutopay';

const TONES: Readonly<Record<MandateState, Tone>> = {
  ACTIVATION_IN_PROGRESS: 'warn',
  ACTIVE: 'good',
  PAUSE_IN_PROGRESS: 'warn',
  PAUSED: 'warn',
  UNPAUSE_IN_PROGRESS: 'warn',
  REVOKE_IN_PROGRESS: 'plain',
  REVOKED: 'plain',
  CANCEL_IN_PROGRESS: 'plain',
  CANCELLED: 'plain',
  EXPIRED: 'plain',
  FAILED: 'plain',
};
const ENDED = new Set<string>(['REVOKED', 'CANCELLED', 'EXPIRED', 'FAILED']);
const ENDING = new Set<string>(['REVOKE_IN_PROGRESS', 'CANCEL_IN_PROGRESS']);
/** A setup whose link was lost is handed back to whoever asks for the same once more. */
const WAITS = 'ACTIVATION_IN_PROGRESS';
/** What is being ended stands in nobody's way: PhonePe confirms it later. */
const CANCELLED_HERE = 'CANCEL_IN_PROGRESS';

/** How AutoPay stands for a subscription; setting it up, and ending it. */
export function AutopayCard({ subscription }: { readonly subscription: Subscription }) {
  const { t } = useTranslation();
  const { autopay, pending_change: change, status } = subscription;
  const planId = (change?.plan ?? subscription.plan)?.id;
  const period = change?.period ?? subscription.period;
  const isRenewed = (status === 'active' || status === 'past_due') && !subscription.cancel_at_period_end;
  const mayBegin = !autopay || [WAITS, CANCELLED_HERE].includes(autopay.state) || ENDED.has(autopay.state);
  if (!autopay && !isRenewed) return null;
  return (
    <Card>
      <Text variant="heading">{t('autopay.title')}</Text>
      {autopay ? <Standing autopay={autopay} /> : null}
      {mayBegin && isRenewed && planId && period ? (
        <SetUpAutopay
          planId={planId}
          period={period}
          paysNow={status === 'past_due' ? subscription.amount_due : undefined}
        />
      ) : null}
      {autopay && !ENDED.has(autopay.state) && !ENDING.has(autopay.state) ? (
        <EndAutopay what={autopay.state === WAITS ? 'autopay.setup' : 'autopay'} />
      ) : null}
    </Card>
  );
}

function Standing({ autopay }: { readonly autopay: Autopay }) {
  const { t, i18n } = useTranslation();
  const { next_debit_at: at, next_debit_amount: amount } = autopay;
  const word = useWord();
  const label = word('autopay.states', autopay.state);
  return (
    <>
      {label ? <Badge label={label} tone={TONES[autopay.state]} /> : null}
      <Text>{word('autopay.sentences', autopay.state) ?? t('unknown.autopay')}</Text>
      {ENDED.has(autopay.state) ? null : <Row label={t('autopay.maxAmount')} value={money(autopay.max_amount)} />}
      {at && amount ? (
        <Row strong label={t('autopay.nextDebit')} value={money(amount)} hint={day(at, i18n.language)} />
      ) : null}
      {autopay.state === 'ACTIVE' && !at ? <Text color="muted">{t('autopay.noDebit')}</Text> : null}
    </>
  );
}
