import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Property } from '@/api/schema';
import { withKey } from '@/features/idempotency';
import { wrongName } from '@/features/lettings/problems';
import { UnitLimit, useHasRoom } from '@/features/lettings/UnitLimit';
import { propertiesQuery, subscriptionQuery, unitsQuery } from '@/features/queries';
import { useDraft } from '@/features/useDraft';
import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { useUser } from '@/services/session';
import { Blank, Button, Field, Notice, Screen, Text } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** Add a unit to a property, if the plan has one more. */
export function NewUnitScreen({ property }: { readonly property: number }) {
  const { t } = useTranslation();
  const properties = useQuery(propertiesQuery);
  return (
    <Screen testID="new-unit">
      <Loaded query={properties}>
        {(all) => {
          const house = all.find(({ id }) => id === property);
          return house ? <Form house={house} /> : <Blank icon="cross" title={t('lettings.noProperty')} />;
        }}
      </Loaded>
    </Screen>
  );
}

function Form({ house }: { readonly house: Property }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const router = useRouter();
  const queries = useQueryClient();
  const user = useUser();
  const hasRoom = useHasRoom();
  const draft = useDraft(`unit.${house.id}`, { name: '' });
  const [tried, setTried] = useState(false);
  const wrong = wrongName(draft.value.name);
  const adding = useMutation({
    mutationFn: () => {
      const body = { property: house.id, name: draft.value.name.trim() };
      return withKey(`unit.${user.id}.${house.id}`, body, (key) => api.addUnit(body, key));
    },
    onSuccess: async (unit) => {
      await draft.clear();
      await queries.invalidateQueries({ queryKey: unitsQuery.queryKey });
      router.replace(`/unit/${unit.id}`);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: subscriptionQuery.queryKey }),
  });
  const add = () => {
    setTried(true);
    if (!wrong) adding.mutate();
  };
  return (
    <>
      <Text variant="heading">{house.name}</Text>
      <Field
        label={t('lettings.unitName')}
        hint={t('lettings.unitNameHint')}
        value={draft.value.name}
        onChangeText={(name) => draft.change({ name })}
        maxLength={100}
        error={tried && wrong ? t(`lettings.wrong.${wrong}`) : null}
        onSubmitEditing={add}
        testID="unit-name"
      />
      {adding.error ? <Notice tone="bad">{sentence(adding.error)}</Notice> : null}
      <Button
        label={t('lettings.addUnit')}
        busy={adding.isPending || adding.isSuccess}
        disabled={!hasRoom}
        onPress={add}
        testID="save-unit"
      />
      <UnitLimit error={adding.error} />
    </>
  );
}
