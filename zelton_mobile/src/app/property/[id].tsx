import { useLocalSearchParams } from 'expo-router';

import { PropertyScreen } from '@/screens/PropertyFormScreen';

export default function Property() {
  const { id } = useLocalSearchParams<{ id: string }>();
  return <PropertyScreen key={id} id={Number(id)} />;
}
