import { useLocalSearchParams } from 'expo-router';

import { LetUnitScreen } from '@/screens/LetUnitScreen';

export default function LetUnit() {
  const { id } = useLocalSearchParams<{ id: string }>();
  return <LetUnitScreen key={id} id={Number(id)} />;
}
