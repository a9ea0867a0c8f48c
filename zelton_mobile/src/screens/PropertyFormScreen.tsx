import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Property } from '@/api/schema';
import { withKey } from '@/features/idempotency';
import { Delete } from '@/features/lettings/Delete';
import { wrongName } from '@/features/lettings/problems';
import { propertiesQuery } from '@/features/queries';
import { useDraft } from '@/features/useDraft';
import { useSentence } from '@/i18n/sentence';
import { api } from '@/services/api';
import { useUser } from '@/services/session';
import { Blank, Button, Field, Notice, Screen } from '@/ui';
import { Loaded } from '@/ui/Loaded';

/** Add a property. */
export function NewPropertyScreen() {
  return (
    <Screen testID="new-property">
      <Form />
    </Screen>
  );
}

/** Rename a property, or delete one that has no units. */
export function PropertyScreen({ id }: { readonly id: number }) {
  const { t } = useTranslation();
  const properties = useQuery(propertiesQuery);
  return (
    <Screen testID="property" refreshing={properties.isRefetching} onRefresh={() => void properties.refetch()}>
      <Loaded query={properties}>
        {(all) => {
          const house = all.find((each) => each.id === id);
          return house ? <Form house={house} /> : <Blank icon="cross" title={t('lettings.noProperty')} />;
        }}
      </Loaded>
    </Screen>
  );
}

function Form({ house }: { readonly house?: Property }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const router = useRouter();
  const queries = useQueryClient();
  const user = useUser();
  const draft = useDraft(house ? `property.${house.id}` : 'property', {
    name: house?.name ?? '',
    address: house?.address ?? '',
  });
  const [tried, setTried] = useState(false);
  const { name, address } = draft.value;
  const wrong = wrongName(name);
  const saving = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), address: address.trim() };
      if (house) return api.changeProperty(house.id, body);
      return withKey(`property.${user.id}`, body, (key) => api.addProperty(body, key));
    },
    onSuccess: async (saved) => {
      await draft.clear();
      await queries.invalidateQueries({ queryKey: propertiesQuery.queryKey });
      if (house) router.dismissTo('/properties');
      else router.replace(`/unit/new?property=${saved.id}`); // a property is let by its units
    },
  });
  const save = () => {
    setTried(true);
    if (!wrong) saving.mutate();
  };
  return (
    <>
      <Field
        label={t('lettings.propertyName')}
        hint={t('lettings.propertyNameHint')}
        value={name}
        onChangeText={(text) => draft.change({ name: text })}
        maxLength={200}
        error={tried && wrong ? t(`lettings.wrong.${wrong}`) : null}
        testID="property-name"
      />
      <Field
        label={t('lettings.address')}
        hint={t('lettings.addressHint')}
        value={address}
        onChangeText={(text) => draft.change({ address: text })}
        maxLength={1000}
        multiline
        testID="property-address"
      />
      {saving.error ? <Notice tone="bad">{sentence(saving.error)}</Notice> : null}
      <Button
        label={t(house ? 'lettings.save' : 'lettings.addProperty')}
        busy={saving.isPending || saving.isSuccess}
        onPress={save}
        testID="save-property"
      />
      {house ? <Delete what="property" remove={() => api.deleteProperty(house.id)} /> : null}
    </>
  );
}
