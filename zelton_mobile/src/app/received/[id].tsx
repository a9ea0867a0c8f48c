import { useLocalSearchParams } from 'expo-router';

import { ReceivedPaymentScreen } from '@/screens/ReceivedPaymentScreen';

export default function Received() {
  const { id } = useLocalSearchParams<{ id: string }>();
  return <ReceivedPaymentScreen key={id} id={Number(id)} />;
}
