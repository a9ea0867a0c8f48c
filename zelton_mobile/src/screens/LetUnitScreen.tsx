import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Let, Unit } from '@/api/schema';
import { withKey } from '@/features/idempotency';
import { DayField } from '@/features/lettings/DayField';
import { dayOf, firstOfMonth, written } from '@/features/lettings/days';
import { Invitation } from '@/features/lettings/Invitation';
import { keepLink } from '@/features/lettings/keptLink';
import {
  wrongDueDay,
  wrongEmail,
  wrongPerson,
  wrongPhone,
  wrongRent,
  wrongStart,
  type Wrong,
} from '@/features/lettings/problems';
import { propertiesQuery, unitsQuery } from '@/features/queries';
import { useDraft } from '@/features/useDraft';
import { day, money, paise, rupees, todayInIndia } from '@/format';
import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { useUser } from '@/services/session';
import { Blank, Button, Card, Field, Notice, Row, Screen, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** Let a unit: who moves in, for how much, from when. Whoever is new is invited to choose a password. */
export function LetUnitScreen({ id }: { readonly id: number }) {
  const { t } = useTranslation();
  const units = useQuery(unitsQuery);
  const [made, setMade] = useState<Let | null>(null);
  return (
    <Screen testID={made ? 'let' : 'let-unit'}>
      {made ? (
        <Done made={made} />
      ) : (
        <Loaded query={units}>
          {(all) => {
            const unit = all.find((each) => each.id === id);
            return unit ? <Form unit={unit} onMade={setMade} /> : <Blank icon="cross" title={t('lettings.noUnit')} />;
          }}
        </Loaded>
      )}
    </Screen>
  );
}

interface FormProps {
  readonly unit: Unit;
  readonly onMade: (made: Let) => void;
}

function Form({ unit, onMade }: FormProps) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const queries = useQueryClient();
  const user = useUser();
  const today = todayInIndia();
  const house = useQuery(propertiesQuery).data?.find(({ id }) => id === unit.property);
  const draft = useDraft(`let.${unit.id}`, {
    name: '',
    phone: '',
    email: '',
    rent: '',
    dueDay: '5',
    startsOn: written(firstOfMonth(today, 1)),
  });
  const [tried, setTried] = useState(false);
  const { name, phone, email, rent, dueDay, startsOn } = draft.value;
  const wrong: Record<string, Wrong | null> = {
    name: wrongPerson(name),
    phone: wrongPhone(phone, email),
    email: wrongEmail(email),
    rent: wrongRent(rent),
    dueDay: wrongDueDay(dueDay),
    startsOn: wrongStart(startsOn, today),
  };
  const isRight = Object.values(wrong).every((each) => each === null);
  const error = (field: string): string | null => {
    const problem = wrong[field];
    return tried && problem ? t(`lettings.wrong.${problem}`) : null;
  };
  const letting = useMutation({
    mutationFn: () => {
      const body = {
        unit: unit.id,
        tenant: { name: name.trim(), phone: phone.trim(), email: email.trim() },
        monthly_rent: rupees(paise(rent) ?? 0),
        due_day: Number(dueDay),
        starts_on: dayOf(startsOn) ?? '',
      };
      return withKey(`let.${user.id}.${unit.id}`, body, (key) => api.letUnit(body, key));
    },
    onSuccess: async (made) => {
      if (made.invitation.link) await keepLink(user.id, made.id, made.invitation.link);
      await draft.clear();
      onMade(made);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const send = () => {
    setTried(true);
    if (isRight) letting.mutate();
  };
  const change = (field: keyof typeof draft.value) => (text: string) => draft.change({ [field]: text });

  return (
    <>
      <Text color="muted">{[house?.name, unit.name].filter(Boolean).join(', ')}</Text>
      <Field
        label={t('lettings.tenantName')}
        value={name}
        onChangeText={change('name')}
        maxLength={200}
        autoComplete="off"
        error={error('name')}
        testID="tenant-name"
      />
      <Field
        label={t('account.phone')}
        hint={t('lettings.contactHint')}
        value={phone}
        onChangeText={change('phone')}
        inputMode="tel"
        maxLength={20}
        autoComplete="off"
        error={error('phone')}
        testID="tenant-phone"
      />
      <Field
        label={t('account.email')}
        hint={t('lettings.emailHint')}
        value={email}
        onChangeText={change('email')}
        inputMode="email"
        autoCapitalize="none"
        autoCorrect={false}
        maxLength={254}
        autoComplete="off"
        error={error('email')}
        testID="tenant-email"
      />
      <Field
        label={t('lettings.rent')}
        prefix="₹"
        value={rent}
        onChangeText={(text) => draft.change({ rent: text.replace(/[,\s₹]/g, '') })}
        inputMode="decimal"
        error={error('rent')}
        testID="rent"
      />
      <Field
        label={t('lettings.dueDay')}
        hint={t('lettings.dueDayHint')}
        value={dueDay}
        onChangeText={change('dueDay')}
        inputMode="numeric"
        maxLength={2}
        error={error('dueDay')}
        testID="due-day"
      />
      <DayField
        label={t('lettings.firstDay')}
        value={startsOn}
        onChange={change('startsOn')}
        likely={[firstOfMonth(today), today, firstOfMonth(today, 1)]}
        error={error('startsOn')}
        testID="starts-on"
      />
      {tried && !isRight ? <Notice tone="bad">{t('lettings.check')}</Notice> : null}
      {letting.error ? <Notice tone="bad">{sentence(letting.error)}</Notice> : null}
      <Button
        label={t('lettings.invite')}
        busy={letting.isPending || letting.isSuccess}
        onPress={send}
        testID="send-invitation"
      />
      <Text variant="small" color="muted">
        {t('lettings.whatFollows')}
      </Text>
    </>
  );
}

function Done({ made }: { readonly made: Let }) {
  const { t, i18n } = useTranslation();
  const router = useRouter();
  return (
    <>
      <Blank icon="check" title={t('lettings.isLet', { name: made.tenant })} />
      <Invitation
        tenant={made.tenant}
        unit={made.unit}
        link={made.invitation.link}
        address={made.invitation.mailed_to}
      />
      <Card>
        <Row label={t('facts.for')} value={`${made.property}, ${made.unit}`} />
        <Row label={t('lettings.rent')} value={money(made.monthly_rent)} />
        <Row label={t('lettings.startsOn')} value={day(made.starts_on, i18n.language)} />
      </Card>
      <Button
        label={t('status.done')}
        kind={made.invitation.link ? 'secondary' : 'primary'}
        onPress={() => router.dismissTo('/properties')}
        testID="done"
      />
    </>
  );
}
