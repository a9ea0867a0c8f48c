/** Which messages somebody wants: switched one by one, and never shown otherwise than it was saved. */
import { fireEvent, screen, waitFor } from '@testing-library/react-native';

import type { Me } from '@/api/schema';
import { i18n } from '@/i18n';
import { NotificationsScreen } from '@/screens/NotificationsScreen';

import { FakeApi, noNetwork } from '../fakeApi';
import { me, owner, tenant } from '../recorded';
import { show } from '../screen';

const CHANGE = 'PATCH /api/me/';
const ravi: Me = { ...me, ...tenant };
const off = (kind: keyof Me['notifications'], of: Me = ravi): Me => ({
  ...of,
  notifications: { ...of.notifications, [kind]: false },
});
let api: FakeApi;
beforeEach(() => {
  api = new FakeApi().on('GET /api/me/', ravi);
});
afterEach(() => i18n.changeLanguage('en'));

const theSwitch = (name: string) => screen.getByRole('switch', { name });
const open = async (): Promise<void> => {
  await show(<NotificationsScreen />, tenant);
  await screen.findByText('Your rent');
};

it('is switched off and on again, kind by kind', async () => {
  api.on(CHANGE, off('rent_due'), ravi);
  await open();
  expect(theSwitch('Rent is due in three days')).toBeChecked();
  fireEvent.press(theSwitch('Rent is due in three days'));
  await waitFor(() => expect(theSwitch('Rent is due in three days')).not.toBeChecked());
  expect(theSwitch('Rent is overdue')).toBeChecked();
  fireEvent.press(theSwitch('Rent is due in three days'));
  await waitFor(() => expect(theSwitch('Rent is due in three days')).toBeChecked());
  await waitFor(() => expect(api.to(CHANGE)).toHaveLength(2));
  expect(api.to(CHANGE).map(({ body }) => body)).toEqual([
    { notifications: { rent_due: false } },
    { notifications: { rent_due: true } },
  ]);
});

it('goes back, and says so, where it could not be saved', async () => {
  api.on(CHANGE, noNetwork);
  await open();
  fireEvent.press(theSwitch('Rent is overdue'));
  expect(await screen.findByText(/This may not have been saved. We cannot reach Zelton/)).toBeVisible();
  expect(theSwitch('Rent is overdue')).toBeChecked();
});

it('shows what was saved, although the answer was lost', async () => {
  api.on('GET /api/me/', ravi, off('rent_overdue')).on(CHANGE, noNetwork);
  await open();
  fireEvent.press(theSwitch('Rent is overdue'));
  await screen.findByText(/This may not have been saved/);
  await waitFor(() => expect(theSwitch('Rent is overdue')).not.toBeChecked());
});

it('shows each of two wishes as it was saved, one that was lost and one that came through', async () => {
  api.on(CHANGE, noNetwork, off('rent_due'));
  await open();
  fireEvent.press(theSwitch('Rent is overdue'));
  fireEvent.press(theSwitch('Rent is due in three days'));
  await waitFor(() => expect(api.to(CHANGE)).toHaveLength(2));
  await waitFor(() => expect(theSwitch('Rent is due in three days')).not.toBeChecked());
  expect(theSwitch('Rent is overdue')).toBeChecked();
});

it('has for tenants and owners what concerns them, in Hindi too', async () => {
  await open();
  expect(screen.queryByText('AutoPay')).toBeNull();
  expect(screen.getByText('We mail them to ravi@example.org.')).toBeVisible();
  screen.unmount();
  api.on('GET /api/me/', off('mandate_paused', me));
  await i18n.changeLanguage('hi');
  await show(<NotificationsScreen />, owner);
  expect(await screen.findByRole('switch', { name: 'ऑटोपे रोका गया' })).not.toBeChecked();
  expect(screen.queryByText('आपका किराया')).toBeNull();
  expect(screen.getByTestId('no-address')).toBeVisible();
});

it('says that there are kinds which it cannot switch', async () => {
  const newer = { ...ravi, notifications: { ...ravi.notifications, something_new: true } };
  api.on('GET /api/me/', newer);
  await open();
  expect(screen.getByText(/more kinds of messages/)).toBeVisible();
  expect(screen.queryByText(/something_new/)).toBeNull();
});
