import { useLocalSearchParams } from 'expo-router';

import { PaymentStatusScreen } from '@/screens/PaymentStatusScreen';

export default function Payment() {
  const { merchantOrderId } = useLocalSearchParams<{ merchantOrderId: string }>();
  // Another payment is another screen: nothing of the first one's answers may be shown for it.
  return <PaymentStatusScreen key={merchantOrderId} merchantOrderId={merchantOrderId} />;
}
