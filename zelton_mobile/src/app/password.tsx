import { useLocalSearchParams } from 'expo-router';

import { ChoosePasswordScreen } from '@/screens/ChoosePasswordScreen';

export default function Password() {
  const { token } = useLocalSearchParams<{ token?: string }>();
  return <ChoosePasswordScreen token={token ?? ''} />;
}
