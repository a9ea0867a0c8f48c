import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/schema';
import { plain, wrongGstin, wrongPan } from '@/features/billing/problems';
import { StateField } from '@/features/billing/StateField';
import { meQuery } from '@/features/queries';
import { useDraft } from '@/features/useDraft';
import { useFieldSentence, useSentence } from '@/i18n/sentence';
import { useStates } from '@/i18n/states';
import { api } from '@/services/api';
import { Button, Card, Field, Notice, Row, Screen, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

const FIELDS = ['billing_name', 'address', 'state', 'gstin', 'pan'] as const;

/** What tax invoices say of an owner: read it, and change it for those to come. */
export function BillingScreen() {
  const { t } = useTranslation();
  const me = useQuery(meQuery);
  const [isOpen, setIsOpen] = useState(false);
  const [isSaved, setIsSaved] = useState(false);
  const edit = () => {
    setIsSaved(false);
    setIsOpen(true);
  };
  const leave = (saved: boolean) => {
    setIsSaved(saved);
    setIsOpen(false);
  };
  return (
    <Screen testID="billing" refreshing={me.isRefetching} onRefresh={() => void me.refetch()}>
      <Text color="muted">{t('billing.what')}</Text>
      <Loaded query={me}>
        {(known) =>
          isOpen ? (
            <Form me={known} onLeave={leave} />
          ) : (
            <>
              {isSaved ? <Notice tone="good">{t('billing.saved')}</Notice> : null}
              <Details me={known} />
              <Button label={t('billing.edit')} onPress={edit} testID="edit-billing" />
            </>
          )
        }
      </Loaded>
    </Screen>
  );
}

function Details({ me }: { readonly me: Me }) {
  const { t } = useTranslation();
  const state = useStates().find(({ code }) => code === me.state);
  const none = t('billing.notGiven');
  return (
    <Card>
      <Row label={t('billing.name')} value={me.billing_name || me.name} />
      <Row label={t('billing.address')} value={me.address || none} />
      <Row
        label={t('billing.state')}
        value={state?.name ?? (me.state ? t('unknown.code', { code: me.state }) : none)}
      />
      <Row label={t('billing.gstin')} value={me.gstin || none} selectable />
      <Row label={t('billing.pan')} value={me.pan || none} selectable />
    </Card>
  );
}

interface FormProps {
  readonly me: Me;
  readonly onLeave: (saved: boolean) => void;
}

function Form({ me, onLeave }: FormProps) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const fieldSentence = useFieldSentence();
  const queries = useQueryClient();
  const { value, change, clear } = useDraft('billing', {
    billing_name: me.billing_name ?? '',
    address: me.address ?? '',
    state: me.state ?? '',
    gstin: me.gstin ?? '',
    pan: me.pan ?? '',
  });
  const [tried, setTried] = useState(false);
  const body = {
    ...value,
    billing_name: value.billing_name.trim(),
    address: value.address.trim(),
    gstin: plain(value.gstin),
    pan: plain(value.pan),
  };
  const wrong = { gstin: wrongGstin(body.gstin, body.state, body.pan), pan: wrongPan(body.pan) };
  const saving = useMutation({
    mutationFn: () => api.changeMe(body),
    onSuccess: async (saved) => {
      await clear();
      queries.setQueryData(meQuery.queryKey, saved);
      onLeave(true);
    },
  });
  const edit = (part: Partial<typeof value>) => {
    saving.reset();
    change(part);
  };
  const editGstin = (gstin: string) => {
    const whole = plain(gstin);
    const isRight = whole !== '' && wrongGstin(whole) === null;
    // It says both of them; what somebody wrote stays.
    edit(
      isRight ? { gstin, state: value.state || whole.slice(0, 2), pan: value.pan || whole.slice(2, 12) } : { gstin },
    );
  };
  const save = () => {
    setTried(true);
    if (!wrong.gstin && !wrong.pan) saving.mutate();
  };
  const cancel = () => {
    void clear();
    onLeave(false);
  };
  const refused = (field: (typeof FIELDS)[number]) => fieldSentence(saving.error, field);
  const isAtField = FIELDS.some((field) => refused(field) !== null);
  return (
    <>
      <Field
        label={t('billing.name')}
        hint={t('billing.nameHint', { name: me.name })}
        value={value.billing_name}
        onChangeText={(text) => edit({ billing_name: text })}
        maxLength={200}
        error={refused('billing_name')}
        testID="billing-name"
      />
      <Field
        label={t('billing.address')}
        hint={t('billing.addressHint')}
        value={value.address}
        onChangeText={(text) => edit({ address: text })}
        maxLength={500}
        multiline
        error={refused('address')}
        testID="billing-address"
      />
      <Field
        label={t('billing.gstin')}
        hint={t('billing.gstinHint')}
        value={value.gstin}
        onChangeText={editGstin}
        autoCapitalize="characters"
        autoCorrect={false}
        maxLength={20}
        error={tried && wrong.gstin ? t(`billing.wrong.${wrong.gstin}`) : refused('gstin')}
        testID="billing-gstin"
      />
      <StateField value={value.state} onChange={(state) => edit({ state })} error={refused('state')} />
      <Field
        label={t('billing.pan')}
        hint={t('billing.panHint')}
        value={value.pan}
        onChangeText={(text) => edit({ pan: text })}
        autoCapitalize="characters"
        autoCorrect={false}
        maxLength={14}
        error={tried && wrong.pan ? t(`billing.wrong.${wrong.pan}`) : refused('pan')}
        testID="billing-pan"
      />
      {isAtField ? <Notice tone="bad">{t('lettings.check')}</Notice> : null}
      {saving.error && !isAtField ? <Notice tone="bad">{sentence(saving.error)}</Notice> : null}
      <Button label={t('lettings.save')} busy={saving.isPending} onPress={save} testID="save-billing" />
      <Button kind="plain" label={t('common.cancel')} disabled={saving.isPending} onPress={cancel} />
    </>
  );
}
