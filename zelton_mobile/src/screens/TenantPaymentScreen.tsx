import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Platform } from 'react-native';

import type { PaymentModesEnum, Tenancy } from '@/api/schema';
import { amountProblem } from '@/features/payments/amount';
import { usePay } from '@/features/payments/usePay';
import { tenanciesQuery } from '@/features/queries';
import { money, paise, rupees } from '@/format';
import { useSentence } from '@/i18n/sentence';
import { Blank, Button, Card, Choices, Field, Notice, Screen, Text, type Choice } from '@/ui';
import { Loaded } from '@/ui/Loaded';

const MODES = {
  upi: ['UPI_INTENT', 'UPI_QR'],
  card: ['CARD'],
  netBanking: ['NET_BANKING'],
  upiId: ['UPI_COLLECT'],
} satisfies Record<string, PaymentModesEnum[]>;
type Method = keyof typeof MODES;

/** Entering a UPI id has worked on iOS alone since 28 February 2026. */
const UPI_ID_WORKS = Platform.OS === 'ios';

export function TenantPaymentScreen() {
  const { t } = useTranslation();
  const tenancies = useQuery({
    ...tenanciesQuery,
    select: (all) => all.filter((tenancy) => (paise(tenancy.outstanding) ?? 0) > 0),
  });
  return (
    <Screen testID="pay" onRefresh={() => void tenancies.refetch()} refreshing={tenancies.isRefetching}>
      <Loaded query={tenancies}>
        {(due) =>
          due.length > 0 ? (
            <Form tenancies={due} />
          ) : (
            <Blank icon="check" title={t('pay.nothing')}>
              {t('pay.nothingHint')}
            </Blank>
          )
        }
      </Loaded>
    </Screen>
  );
}

function Form({ tenancies }: { readonly tenancies: readonly Tenancy[] }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const pay = usePay();
  const [chosen, setChosen] = useState(tenancies[0]?.id ?? 0);
  const [how, setHow] = useState<'all' | 'part'>('all');
  const [part, setPart] = useState('');
  const [method, setMethod] = useState<Method>('upi');

  const tenancy = tenancies.find(({ id }) => id === chosen) ?? tenancies[0];
  if (!tenancy) return null;
  const due = paise(tenancy.outstanding) ?? 0;
  const amount = how === 'all' ? due : paise(part);
  const problem = how === 'part' && part !== '' ? amountProblem(amount, due) : null;
  const isReady = amount !== null && amountProblem(amount, due) === null;

  const methods: Choice<Method>[] = [
    { value: 'upi', label: t('pay.upi'), hint: t('pay.upiHint'), icon: 'phone' },
    { value: 'card', label: t('pay.card'), hint: t('pay.cardHint'), icon: 'card' },
    { value: 'netBanking', label: t('pay.netBanking'), icon: 'bank' },
    ...(UPI_ID_WORKS ? [{ value: 'upiId', label: t('pay.upiId'), icon: 'at' } as const] : []),
  ];

  return (
    <>
      {tenancies.length > 1 ? (
        <Choices
          label={t('pay.home')}
          chosen={tenancy.id}
          onChoose={setChosen}
          choices={tenancies.map(({ id, property, unit, outstanding }) => ({
            value: id,
            label: `${property}, ${unit}`,
            hint: t('pay.outstanding', { amount: money(outstanding) }),
          }))}
        />
      ) : (
        <Card>
          <Text color="muted">{`${tenancy.property}, ${tenancy.unit}`}</Text>
          <Text variant="amount">{money(tenancy.outstanding)}</Text>
          <Text color="muted">{t('pay.isDue')}</Text>
        </Card>
      )}
      <Choices
        label={t('pay.howMuch')}
        chosen={how}
        onChoose={setHow}
        choices={[
          { value: 'all', label: t('pay.all', { amount: money(tenancy.outstanding) }) },
          { value: 'part', label: t('pay.part') },
        ]}
      />
      {how === 'part' ? (
        <Field
          label={t('pay.amount')}
          prefix="₹"
          value={part}
          onChangeText={(text) => setPart(text.replace(/[,\s₹]/g, ''))}
          inputMode="decimal"
          hint={t('pay.atMost', { amount: money(tenancy.outstanding) })}
          error={problem ? t(`pay.${problem}`, { amount: money(tenancy.outstanding) }) : null}
          testID="amount"
        />
      ) : null}
      <Choices label={t('pay.method')} chosen={method} onChoose={setMethod} choices={methods} />
      {pay.error ? <Notice tone="bad">{sentence(pay.error)}</Notice> : null}
      <Button
        label={isReady ? t('pay.action', { amount: money(rupees(amount)) }) : t('pay.actionBlank')}
        disabled={!isReady}
        busy={pay.isPending}
        onPress={() =>
          isReady &&
          pay.mutate({
            kind: 'rent',
            body: { amount: rupees(amount), tenancy: tenancy.id, payment_modes: MODES[method] },
          })
        }
        testID="pay-button"
      />
      <Text variant="small" color="muted" style={{ textAlign: 'center' }}>
        {t('pay.secure')}
      </Text>
    </>
  );
}
