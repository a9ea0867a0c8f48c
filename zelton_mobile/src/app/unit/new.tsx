import { useLocalSearchParams } from 'expo-router';

import { NewUnitScreen } from '@/screens/NewUnitScreen';

export default function NewUnit() {
  const { property } = useLocalSearchParams<{ property: string }>();
  return <NewUnitScreen key={property} property={Number(property)} />;
}
