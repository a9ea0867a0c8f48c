import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Platform } from 'react-native';

import type { PeriodEnum } from '@/api/schema';
import { usePay } from '@/features/payments/usePay';
import { money } from '@/format';
import { useSentence } from '@/i18n/sentence';
import { Button, Choices, Field, Notice, Text } from '@/ui';

/** UPI apps by their names at PhonePe on iOS; on Android by package. */
const APPS = [
  { name: 'PHONEPE', label: 'PhonePe', androidPackage: 'com.phonepe.app' },
  { name: 'GPAY', label: 'Google Pay', androidPackage: 'com.google.android.apps.nbu.paisa.user' },
  { name: 'PAYTM', label: 'Paytm', androidPackage: 'net.one97.paytm' },
  { name: 'BHIM', label: 'BHIM', androidPackage: 'in.org.npci.upiapp' },
] as const;
const BY_UPI_ID = 'UPI_ID';
const UPI_ID = /^[A-Za-z0-9._-]{2,255}@[A-Za-z][A-Za-z0-9]{1,63}$/;

interface Props {
  readonly planId: number;
  readonly period: PeriodEnum;
  /** What approving pays at once; without it, it only checks the account. */
  readonly paysNow?: string;
}

/** Choose where to approve AutoPay, and ask for it. */
export function SetUpAutopay({ planId, period, paysNow }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const pay = usePay();
  const isBrowser = Platform.OS === 'web';
  const [chosen, setChosen] = useState<string>(isBrowser ? BY_UPI_ID : APPS[0].name);
  const [upiId, setUpiId] = useState('');
  const app = APPS.find(({ name }) => name === chosen);
  const ask = () => {
    const isIos = Platform.OS === 'ios';
    const way = app ? { target_app: isIos ? app.name : app.androidPackage } : { upi_id: upiId };
    // A browser opens no app, and the API knows no third device.
    const device_os = isIos ? 'IOS' : 'ANDROID';
    pay.mutate({ kind: 'autopay', body: { pricing_plan_id: planId, period, device_os, ...way } });
  };
  return (
    <>
      <Text>{t('autopay.offer')}</Text>
      <Text color="muted">
        {paysNow === undefined ? t('autopay.checks') : t('autopay.paysNow', { amount: money(paysNow) })}
      </Text>
      {isBrowser ? (
        <Notice tone="plain">{t('autopay.inBrowser')}</Notice>
      ) : (
        <Choices
          label={t('autopay.where')}
          compact
          chosen={chosen}
          onChoose={setChosen}
          choices={[
            ...APPS.map(({ name, label }) => ({ value: name as string, label })),
            { value: BY_UPI_ID, label: t('autopay.byUpiId') },
          ]}
        />
      )}
      {app ? null : (
        <Field
          label={t('pay.upiId')}
          hint={t('autopay.upiIdHint')}
          value={upiId}
          onChangeText={(text) => setUpiId(text.trim())}
          autoCapitalize="none"
          autoCorrect={false}
          inputMode="email"
          testID="autopay-upi-id"
        />
      )}
      {pay.error ? <Notice tone="bad">{sentence(pay.error)}</Notice> : null}
      <Button
        kind="secondary"
        label={t('autopay.setUp')}
        busy={pay.isPending}
        disabled={!app && !UPI_ID.test(upiId)}
        onPress={ask}
        testID="set-up-autopay"
      />
    </>
  );
}
