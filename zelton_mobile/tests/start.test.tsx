import AsyncStorage from '@react-native-async-storage/async-storage';
import { waitFor } from '@testing-library/react-native';
import { router } from 'expo-router';

import { keepOrder } from '@/features/payments/pocket';
import { useOpenPaymentFirst } from '@/features/payments/useOpenPaymentFirst';
import { Text } from '@/ui';

import { FakeApi } from './fakeApi';
import { ORDER, owner, tenant } from './recorded';
import { show } from './screen';

function App() {
  useOpenPaymentFirst();
  return <Text>home</Text>;
}

beforeEach(async () => {
  jest.clearAllMocks();
  await AsyncStorage.clear();
  new FakeApi();
  await keepOrder(tenant.id, { merchantOrderId: ORDER, redirectUrl: null });
});

it('leads to the payment that a killed app had begun', async () => {
  await show(<App />, tenant);
  await waitFor(() => expect(router.push).toHaveBeenCalledWith(`/payments/${ORDER}`));
  expect(router.push).toHaveBeenCalledTimes(1);
});

it('leads nobody else there', async () => {
  const read = jest.spyOn(AsyncStorage, 'getItem');
  await show(<App />, owner);
  await waitFor(() => expect(read).toHaveBeenCalledWith(`payment-under-way.${owner.id}`));
  expect(router.push).not.toHaveBeenCalled();
});
