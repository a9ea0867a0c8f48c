import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Property, Tenancy, Unit } from '@/api/schema';
import { DayField } from '@/features/lettings/DayField';
import { dayOf, lastOfMonth, written } from '@/features/lettings/days';
import { Delete } from '@/features/lettings/Delete';
import { Invited } from '@/features/lettings/Invited';
import { wrongEnd, wrongName } from '@/features/lettings/problems';
import { standingOf } from '@/features/lettings/standing';
import { propertiesQuery, tenanciesQuery, unitsQuery } from '@/features/queries';
import { day, money, paise, todayInIndia } from '@/format';
import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { Badge, Blank, Button, Card, Field, Notice, Row, Screen, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** A unit: who lives there and on what terms, letting it, ending that, and its name. */
export function UnitScreen({ id }: { readonly id: number }) {
  const { t } = useTranslation();
  const units = useQuery(unitsQuery);
  const tenancies = useQuery(tenanciesQuery);
  const properties = useQuery(propertiesQuery);
  return (
    <Screen
      testID="unit"
      refreshing={units.isRefetching || tenancies.isRefetching}
      onRefresh={() => void Promise.all([units.refetch(), tenancies.refetch()])}
    >
      <Loaded query={units}>
        {(all) => {
          const unit = all.find((each) => each.id === id);
          if (!unit) return <Blank icon="cross" title={t('lettings.noUnit')} />;
          return (
            <Loaded query={tenancies}>
              {(lets) => (
                <Content
                  unit={unit}
                  house={properties.data?.find((each) => each.id === unit.property)}
                  tenancies={lets}
                />
              )}
            </Loaded>
          );
        }}
      </Loaded>
    </Screen>
  );
}

interface ContentProps {
  readonly unit: Unit;
  readonly house: Property | undefined;
  readonly tenancies: readonly Tenancy[];
}

function Content({ unit, house, tenancies }: ContentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const { current, coming, past } = standingOf(unit.id, tenancies, todayInIndia());
  const mayLet = coming.length === 0 && (!current || current.ends_on !== null);
  return (
    <>
      <Text variant="title">{unit.name}</Text>
      {house ? <Text color="muted">{[house.name, house.address].filter(Boolean).join(', ')}</Text> : null}
      {current ? (
        <LetTo tenancy={current} title={t('lettings.current')} />
      ) : (
        <Notice tone="plain" testID="vacant">
          {t('lettings.vacantNow')}
        </Notice>
      )}
      {coming.map((tenancy) => (
        <LetTo key={tenancy.id} tenancy={tenancy} title={t('lettings.coming')} />
      ))}
      {mayLet ? (
        <Button
          icon="person"
          label={t(current ? 'lettings.inviteNext' : 'lettings.invite')}
          onPress={() => router.push(`/let/${unit.id}`)}
          testID="invite-tenant"
        />
      ) : null}
      {past.length > 0 ? <Past tenancies={past} /> : null}
      <Rename key={unit.name} unit={unit} />
      {current || coming.length > 0 || past.length > 0 ? null : (
        <Delete what="unit" remove={() => api.deleteUnit(unit.id)} />
      )}
    </>
  );
}

function LetTo({ tenancy, title }: { readonly tenancy: Tenancy; readonly title: string }) {
  const { t, i18n } = useTranslation();
  const owed = paise(tenancy.outstanding) ?? 0;
  return (
    <Card>
      <Text variant="heading">{title}</Text>
      <Row label={t('facts.payer')} value={tenancy.tenant} />
      <Row label={t('lettings.rent')} value={money(tenancy.monthly_rent)} />
      <Row label={t('lettings.dueDay')} value={t('lettings.dayOfMonth', { day: tenancy.due_day })} />
      <Row label={t('lettings.startsOn')} value={day(tenancy.starts_on, i18n.language)} />
      {tenancy.ends_on ? <Row label={t('lettings.endsOn')} value={day(tenancy.ends_on, i18n.language)} /> : null}
      <Row strong label={t('owner.outstanding')} value={money(tenancy.outstanding)} />
      <Badge
        label={t(owed > 0 ? 'owner.owes' : owed < 0 ? 'owner.ahead' : 'owner.settled')}
        tone={owed > 0 ? 'warn' : 'good'}
      />
      {tenancy.has_signed_up ? null : <Invited tenancy={tenancy} />}
      <End tenancy={tenancy} />
    </Card>
  );
}

function End({ tenancy }: { readonly tenancy: Tenancy }) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const queries = useQueryClient();
  const today = todayInIndia();
  const start = tenancy.starts_on > today ? tenancy.starts_on : today;
  const likely = [start, lastOfMonth(start), lastOfMonth(start, 1)];
  const [isOpen, setIsOpen] = useState(false);
  const [isSure, setIsSure] = useState(false);
  const [tried, setTried] = useState(false);
  const [text, setText] = useState(written(tenancy.ends_on ?? lastOfMonth(start)));
  const wrong = wrongEnd(text, tenancy.starts_on);
  const last = dayOf(text);
  const ending = useMutation({
    mutationFn: (endsOn: string) => api.endTenancy(tenancy.id, endsOn),
    onSuccess: () => {
      setIsOpen(false);
      setIsSure(false);
    },
    // Also after silence: what was asked for may have been done.
    onSettled: () => queries.invalidateQueries(),
  });
  if (!isOpen) {
    return (
      <Button
        kind="plain"
        label={t(tenancy.ends_on ? 'lettings.changeEnd' : 'lettings.end')}
        onPress={() => setIsOpen(true)}
        testID="end-tenancy"
      />
    );
  }
  const next = () => {
    setTried(true);
    if (!wrong) setIsSure(true);
  };
  return (
    <>
      <DayField
        label={t('lettings.lastDay')}
        value={text}
        onChange={(changed) => {
          setIsSure(false);
          setText(changed);
        }}
        likely={likely}
        error={tried && wrong ? t(`lettings.wrong.${wrong}`, { day: day(tenancy.starts_on, i18n.language) }) : null}
        testID="ends-on"
      />
      {isSure && last ? (
        <Notice tone="warn">{t('lettings.sureEnd', { name: tenancy.tenant, day: day(last, i18n.language) })}</Notice>
      ) : null}
      {ending.error ? <Notice tone="bad">{sentence(ending.error)}</Notice> : null}
      {isSure && last ? (
        <Button
          kind="danger"
          label={t('lettings.confirmEnd', { day: day(last, i18n.language) })}
          busy={ending.isPending}
          onPress={() => ending.mutate(last)}
          testID="confirm-end"
        />
      ) : (
        <Button label={t('received.next')} onPress={next} testID="end-next" />
      )}
      <Button kind="plain" label={t('common.cancel')} onPress={() => setIsOpen(false)} disabled={ending.isPending} />
    </>
  );
}

function Past({ tenancies }: { readonly tenancies: readonly Tenancy[] }) {
  const { t, i18n } = useTranslation();
  return (
    <Card>
      <Text variant="heading">{t('lettings.past')}</Text>
      {tenancies.map((tenancy) => (
        <Row
          key={tenancy.id}
          label={tenancy.tenant}
          hint={[tenancy.starts_on, tenancy.ends_on ?? ''].map((each) => day(each, i18n.language)).join(' – ')}
          value={money(tenancy.outstanding)}
        />
      ))}
    </Card>
  );
}

function Rename({ unit }: { readonly unit: Unit }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState(unit.name);
  const [tried, setTried] = useState(false);
  const wrong = wrongName(name);
  const renaming = useMutation({
    mutationFn: () => api.changeUnit(unit.id, { name: name.trim() }),
    onSuccess: () => queries.invalidateQueries(),
  });
  if (!isOpen) {
    return <Button kind="plain" label={t('lettings.rename')} onPress={() => setIsOpen(true)} testID="rename-unit" />;
  }
  const save = () => {
    setTried(true);
    if (!wrong) renaming.mutate();
  };
  return (
    <Card>
      <Field
        label={t('lettings.unitName')}
        value={name}
        onChangeText={setName}
        maxLength={100}
        error={tried && wrong ? t(`lettings.wrong.${wrong}`) : null}
        testID="unit-name"
      />
      {renaming.error ? <Notice tone="bad">{sentence(renaming.error)}</Notice> : null}
      <Button label={t('lettings.save')} busy={renaming.isPending} onPress={save} testID="save-unit" />
      <Button kind="plain" label={t('common.cancel')} onPress={() => setIsOpen(false)} disabled={renaming.isPending} />
    </Card>
  );
}
