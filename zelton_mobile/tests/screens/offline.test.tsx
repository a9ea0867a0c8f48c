/** What a screen shows when the network goes while somebody looks, and when it comes back. */
import { onlineManager } from '@tanstack/react-query';
import { act, screen } from '@testing-library/react-native';

import { PropertiesScreen } from '@/screens/PropertiesScreen';
import { StatementScreen } from '@/screens/StatementScreen';

import { FakeApi, noNetwork } from '../fakeApi';
import { owner, properties, statement, subscription, tenancies, units } from '../recorded';
import { show } from '../screen';

const isOnline = (is: boolean) => act(() => Promise.resolve(onlineManager.setOnline(is)));
const answers = () =>
  new FakeApi()
    .on('GET /api/properties/', properties)
    .on('GET /api/units/', units)
    .on('GET /api/tenancies/', tenancies)
    .on('GET /api/owner-subscriptions/', subscription);

afterEach(() => onlineManager.setOnline(true));

test('it says once that what is shown may be out of date', async () => {
  answers();
  await show(<PropertiesScreen />, owner);
  await screen.findByText(/Lakeview House/);
  expect(screen.queryByTestId('stale')).toBeNull();

  await isOnline(false);

  expect(screen.getAllByTestId('stale')).toHaveLength(1);
  expect(screen.getByText(/Lakeview House/)).toBeTruthy();
});

test('it asks again by itself when the network is back', async () => {
  const api = answers().on('GET /api/properties/', noNetwork, noNetwork, noNetwork, properties);
  await isOnline(false);
  await show(<PropertiesScreen />, owner);
  await screen.findByTestId('offline', {}, { timeout: 8_000 });

  await isOnline(true);

  await screen.findByText(/Lakeview House/);
  expect(api.to('GET /api/properties/')).toHaveLength(4);
}, 20_000);

test('an owner reads what adds to the balance of an owner', async () => {
  new FakeApi().on('GET /api/statements/', { ...statement, subject: 'owner' });
  await show(<StatementScreen />, owner);

  await screen.findByText(/Payments add to the balance/);
  expect(screen.queryByText(/Rent adds to the balance/)).toBeNull();
});
