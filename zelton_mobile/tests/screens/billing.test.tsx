/** What invoices say of an owner: read, changed, and refused at the field that is wrong. */
import AsyncStorage from '@react-native-async-storage/async-storage';
import { fireEvent, screen, waitFor } from '@testing-library/react-native';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { wrongGstin, wrongPan } from '@/features/billing/problems';
import { i18n } from '@/i18n';
import { en } from '@/i18n/en';
import { BillingScreen } from '@/screens/BillingScreen';

import { FakeApi, noNetwork, refusal } from '../fakeApi';
import { me, owner, problem } from '../recorded';
import { show } from '../screen';

const CHANGE = 'PATCH /api/me/';
const GSTIN = '27ABCPE1234F1ZB';
let api: FakeApi;
beforeEach(async () => {
  await AsyncStorage.clear();
  api = new FakeApi().on('GET /api/me/', me);
});
afterEach(() => i18n.changeLanguage('en'));

const press = (name: string | RegExp): void => fireEvent.press(screen.getByRole('button', { name }));
const write = (label: string, text: string): void => fireEvent.changeText(screen.getByLabelText(label), text);
const edit = async (): Promise<void> => {
  await show(<BillingScreen />, owner);
  await screen.findByTestId('billing');
  fireEvent.press(await screen.findByTestId('edit-billing'));
};

it('is saved as it is kept, and shown again; the GSTIN says the state and the PAN', async () => {
  const kept = { billing_name: 'Shah Homes', address: '', state: '27', gstin: GSTIN, pan: 'ABCPE1234F' };
  api.on(CHANGE, { ...me, ...kept });
  await edit();
  write('Name on invoices', ' Shah Homes ');
  write('GSTIN', '27abcpe1234f 1zb');
  press('Save');
  expect(await screen.findByText('Saved. Your next invoice says so.')).toBeVisible();
  expect(api.to(CHANGE).map(({ body }) => body)).toEqual([kept]);
  expect(screen.getByText('Maharashtra')).toBeVisible();
  expect(screen.getByText('Shah Homes')).toBeVisible();
});

it('is refused before the call where a number cannot be', async () => {
  await edit();
  write('GSTIN', '27ABCPE1234F1ZC');
  write('PAN', 'ABCXE1234F');
  press('Save');
  expect(screen.getByText(/mistyped somewhere/)).toBeVisible();
  expect(screen.getByText(/such as ABCPE1234F/)).toBeVisible();
  write('PAN', '');
  write('GSTIN', GSTIN);
  press(/^State/);
  fireEvent.press(screen.getByRole('radio', { name: 'Karnataka' }));
  press('Save');
  expect(screen.getByText(/of another state/)).toBeVisible();
  expect(api.to(CHANGE)).toHaveLength(0);
});

it('shows at its field what the API has against it, in Hindi too', async () => {
  const refused = { ...problem(400, 'invalid', 'No such PAN.'), errors: { pan: ['No such PAN.'] } };
  api.on(CHANGE, () => refusal(refused));
  await edit();
  press('Save');
  expect(await screen.findByText('No such PAN.')).toBeVisible();
  expect(screen.getByText('Something above is missing or wrong.')).toBeVisible();
  await i18n.changeLanguage('hi');
  expect(await screen.findByText('PAN जाँचें, जैसे ABCPE1234F।')).toBeVisible();
});

it('keeps what was written when the network fails, also after the app was closed', async () => {
  api.on(CHANGE, noNetwork);
  await edit();
  write('Address on invoices', '12 Lake Road, Pune 411001');
  press('Save');
  expect(await screen.findByText(/We cannot reach Zelton/)).toBeVisible();
  screen.unmount();
  await edit();
  await waitFor(() => expect(screen.getByDisplayValue('12 Lake Road, Pune 411001')).toBeVisible());
});

it('checks numbers as the backend does', () => {
  expect([wrongGstin(''), wrongGstin(GSTIN, '27', 'ABCPE1234F'), wrongPan('ABCPE1234F')]).toEqual([null, null, null]);
  expect(wrongGstin('27ABCPE1234F1Z')).toBe('gstin');
  expect(wrongGstin(GSTIN, '', 'ABCPE1234G')).toBe('gstinPan');
});

it('knows the states that the backend knows', () => {
  const gst = readFileSync(join(__dirname, '../../../core/gst.py'), 'utf8');
  const states = [...gst.matchAll(/^ {4}"(\d{2})": "([^"]+)",$/gm)].map(([, code, name]) => [code, name]);
  expect(states.length).toBeGreaterThan(30);
  expect(Object.entries(en.states).sort()).toEqual(states.sort());
});
