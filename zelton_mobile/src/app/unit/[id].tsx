import { useLocalSearchParams } from 'expo-router';

import { UnitScreen } from '@/screens/UnitScreen';

export default function Unit() {
  const { id } = useLocalSearchParams<{ id: string }>();
  return <UnitScreen key={id} id={Number(id)} />;
}
