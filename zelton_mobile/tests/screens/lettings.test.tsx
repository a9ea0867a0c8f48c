import AsyncStorage from '@react-native-async-storage/async-storage';
import { act, fireEvent, screen, waitFor } from '@testing-library/react-native';
import { router } from 'expo-router';
import { Share } from 'react-native';

import type { Let, Tenancy } from '@/api/schema';
import { dayOf, firstOfMonth, lastOfMonth, written } from '@/features/lettings/days';
import { standingOf } from '@/features/lettings/standing';
import { i18n } from '@/i18n';
import { LetUnitScreen } from '@/screens/LetUnitScreen';
import { NewUnitScreen } from '@/screens/NewUnitScreen';
import { PropertiesScreen } from '@/screens/PropertiesScreen';
import { NewPropertyScreen, PropertyScreen } from '@/screens/PropertyFormScreen';
import { UnitScreen } from '@/screens/UnitScreen';

import { FakeApi, json, noNetwork, refusal } from '../fakeApi';
import { letTo, owner, problem, properties, subscription, tenancies, units } from '../recorded';
import { show } from '../screen';

const LET = 'POST /api/tenancies/';
const END = 'POST /api/tenancies/1/end/';
const PATIENT = { timeout: 8_000 };
let api: FakeApi;
beforeEach(async () => {
  jest.clearAllMocks();
  await AsyncStorage.clear();
  api = new FakeApi()
    .on('GET /api/properties/', properties)
    .on('GET /api/units/', units)
    .on('GET /api/tenancies/', tenancies)
    .on('GET /api/owner-subscriptions/', subscription);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await i18n.changeLanguage('en');
});

const press = (name: string | RegExp): void => fireEvent.press(screen.getByRole('button', { name }));
const write = (label: string, text: string): void => fireEvent.changeText(screen.getByLabelText(label), text);
const key = (operation: string, index = 0) => api.to(operation)[index]?.headers.get('Idempotency-Key');

describe('properties', () => {
  it('lead to their units, and say who lives there', async () => {
    await show(<PropertiesScreen />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'Ravi Kumar' }));
    expect(router.push).toHaveBeenCalledWith('/unit/1');
    expect(screen.getByRole('button', { name: 'Not let' })).toBeVisible();
  });

  it('lead to the plans where the plan has no more units', async () => {
    api.on('GET /api/owner-subscriptions/', { ...subscription, units_used: 10 });
    await show(<PropertiesScreen />, owner);
    expect(await screen.findByText(/Your plan has 10 units and you use 10/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Add a unit' })).toBeNull();
    press('See the plans');
    expect(router.push).toHaveBeenCalledWith('/subscription');
  });

  it('are added with a key, once, and lead on to their first unit', async () => {
    api.on('POST /api/properties/', () => json({ id: 9, name: 'Sea View', address: '' }, 201));
    await show(<NewPropertyScreen />, owner);
    press('Add a property');
    expect(await screen.findByText('Please enter a name.')).toBeVisible();
    expect(api.to('POST /api/properties/')).toHaveLength(0);
    write('Name of the property', ' Sea View ');
    const button = screen.getByRole('button', { name: 'Add a property' });
    act(() => {
      fireEvent.press(button);
      fireEvent.press(button);
    });
    await waitFor(() => expect(router.replace).toHaveBeenCalledWith('/unit/new?property=9'));
    expect(api.to('POST /api/properties/').map(({ body }) => body)).toEqual([{ name: 'Sea View', address: '' }]);
    expect(key('POST /api/properties/')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('are deleted after a question; what has a past stays, and it is said why', async () => {
    const stays = () => refusal(problem(409, 'has_past', 'This property cannot be deleted.'));
    api.on('DELETE /api/properties/1/', stays, () => new Response(null, { status: 204 }));
    await show(<PropertyScreen id={1} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'Delete this property' }));
    press('Delete this property');
    expect(await screen.findByText('This property cannot be deleted.')).toBeVisible();
    press('Delete this property');
    await waitFor(() => expect(router.dismissTo).toHaveBeenCalledWith('/properties'));
  });
});

describe('a new unit', () => {
  it('is refused in a sentence beyond the plan, with a way to the plans', async () => {
    api.on('POST /api/units/', () => refusal(problem(409, 'unit_limit', 'The Starter plan has 10 units.')));
    await show(<NewUnitScreen property={1} />, owner);
    fireEvent.changeText(await screen.findByLabelText('Name of the unit'), 'Flat 3');
    press('Add a unit');
    expect(await screen.findByText('The Starter plan has 10 units.')).toBeVisible();
    press('See the plans');
    expect(router.push).toHaveBeenCalledWith('/subscription');
  });

  it('says in Hindi what is wrong with a field', async () => {
    const taken = { ...problem(400, 'invalid', 'Lakeview House already has a unit Flat 1.'), errors: { name: ['…'] } };
    api.on('POST /api/units/', () => refusal(taken));
    await i18n.changeLanguage('hi');
    await show(<NewUnitScreen property={1} />, owner);
    fireEvent.changeText(await screen.findByLabelText('यूनिट का नाम'), 'Flat 1');
    press('यूनिट जोड़ें');
    expect(await screen.findByText(/हो सकता है यहाँ इस नाम का पहले से कुछ हो/)).toBeVisible();
  });
});

describe('letting a unit', () => {
  const fill = async (): Promise<void> => {
    await show(<LetUnitScreen id={2} />, owner);
    fireEvent.changeText(await screen.findByLabelText('The tenant’s name'), 'Imran Ali');
    write('Phone', '98111 22444');
    write('Rent a month', '12,000');
    write('Or another day', '1/12/2026');
  };
  const body = {
    unit: 2,
    tenant: { name: 'Imran Ali', phone: '98111 22444', email: '' },
    monthly_rent: '12000.00',
    due_day: 5,
    starts_on: '2026-12-01',
  };
  const having = (invitation: Partial<Let['invitation']>): Let => ({
    ...letTo,
    invitation: { link: '', mailed_to: '', ...invitation },
  });

  it('is refused before the call in a sentence for each field that is wrong', async () => {
    await show(<LetUnitScreen id={2} />, owner);
    await screen.findByLabelText('Phone');
    write('E-mail', 'imran');
    write('Rent a month', '0');
    write('Rent is due on day', '32');
    write('Or another day', '31/11/2026');
    press('Invite a tenant');
    for (const sentence of [
      /the tenant’s name/,
      /an e-mail address such as/,
      /₹1.00 at least/,
      /from 1 to 31/,
      /a day such as/,
    ]) {
      expect(screen.getByText(sentence)).toBeVisible();
    }
    write('E-mail', '');
    expect(screen.getByText('Please enter a phone number or an e-mail address.')).toBeVisible();
    expect(api.to(LET)).toHaveLength(0);
  });

  it('hands out the link of somebody who is new and has no address', async () => {
    const share = jest.spyOn(Share, 'share').mockResolvedValue({ action: 'sharedAction' });
    api.on(LET, () => json(letTo, 201));
    await fill();
    press('Invite a tenant');
    expect(await screen.findByText(letTo.invitation.link)).toBeVisible();
    expect(api.to(LET)[0]?.body).toEqual(body);
    press('Share the link');
    await waitFor(() => expect(share).toHaveBeenCalledTimes(1));
    expect(share.mock.calls[0]?.[0]).toMatchObject({ message: expect.stringContaining(letTo.invitation.link) });
  });

  it.each([
    ['was mailed a link', having({ mailed_to: 'imran@example.org' }), /We mailed a link to imran@example.org/],
    ['is here already', having({}), /Imran Ali uses Zelton already/],
  ])('says so when the tenant %s', async (_, made, sentence) => {
    api.on(LET, () => json(made, 201));
    await fill();
    press('Invite a tenant');
    expect(await screen.findByText(sentence)).toBeVisible();
  });

  it('loses nothing when the call fails: the form stays, also after a restart, and so does the key', async () => {
    api.on(LET, noNetwork, noNetwork, noNetwork, () => json(letTo, 201));
    await fill();
    press('Invite a tenant');
    expect(await screen.findByText('We cannot reach Zelton. Check your connection.')).toBeVisible();
    screen.unmount();

    await show(<LetUnitScreen id={2} />, owner);
    expect(await screen.findByDisplayValue('98111 22444')).toBeVisible();
    press('Invite a tenant');
    expect(await screen.findByText(letTo.invitation.link)).toBeVisible();
    expect(new Set(api.to(LET).map((_, index) => key(LET, index))).size).toBe(1);
    expect(await AsyncStorage.getAllKeys()).toEqual([`draft.${owner.id}.invitation.${letTo.id}`]);
    screen.unmount();

    const { invitation, ...tenancy } = letTo;
    api.on('GET /api/tenancies/', [tenancy]);
    await show(<UnitScreen id={2} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'Show the invitation’s link' }));
    expect(screen.getByText(invitation.link)).toBeVisible();
  });
});

describe('inviting again', () => {
  const AGAIN = 'POST /api/tenancies/7/invite/';
  const waiting: Tenancy = {
    ...(tenancies[0] as Tenancy),
    id: 7,
    unit_id: 2,
    tenant: 'Imran Ali',
    has_signed_up: false,
  };
  const fresh = 'https://app.example/password?token=NEW';

  it('is for who has not chosen a password', async () => {
    await show(<UnitScreen id={1} />, owner);
    await screen.findByText('Ravi Kumar');
    expect(screen.queryByRole('button', { name: 'Invite again' })).toBeNull();
  });

  it('shows the new link, also later, and sends the same key again after silence', async () => {
    api.on('GET /api/tenancies/', [waiting]);
    api.on(AGAIN, noNetwork, noNetwork, noNetwork, { mailed_to: '', link: fresh });
    await show(<UnitScreen id={2} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'Invite again' }));
    expect(await screen.findByText('We cannot reach Zelton. Check your connection.', {}, PATIENT)).toBeVisible();
    press('Invite again');
    expect(await screen.findByText(fresh)).toBeVisible();
    expect(new Set(api.to(AGAIN).map((_, index) => key(AGAIN, index))).size).toBe(1);
    screen.unmount();

    await show(<UnitScreen id={2} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'Show the invitation’s link' }));
    expect(screen.getByText(fresh)).toBeVisible();
  }, 20_000);

  it('says where it was mailed, and forgets a link that is dead', async () => {
    await AsyncStorage.setItem(
      `draft.${owner.id}.invitation.7`,
      JSON.stringify({ link: 'https://app.example/old', at: Date.now() }),
    );
    api.on('GET /api/tenancies/', [waiting]);
    api.on(AGAIN, { mailed_to: 'imran@example.org', link: '' });
    await show(<UnitScreen id={2} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'Invite again' }));
    expect(await screen.findByText(/We mailed a link to imran@example.org/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Show the invitation’s link' })).toBeNull();
  });
});

describe('ending a tenancy', () => {
  it('asks for the last day and whether it is meant', async () => {
    const ended = { ...(tenancies[0] as Tenancy), ends_on: '2099-03-31' };
    api.on(END, () => json(ended));
    await show(<UnitScreen id={1} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'End this tenancy' }));
    write('Or another day', '31/3/2026');
    press('Continue');
    expect(screen.getByText(/cannot end before it begins, on 1 Apr 2026/)).toBeVisible();
    write('Or another day', '31/3/2099');
    press('Continue');
    expect(screen.getByText(/tenancy of Ravi Kumar ends with 31 Mar 2099/)).toBeVisible();
    api.on('GET /api/tenancies/', [ended]);
    press('End it on 31 Mar 2099');
    expect(await screen.findByRole('button', { name: 'Invite the next tenant' })).toBeVisible();
    expect(api.to(END)[0]?.body).toEqual({ ends_on: '2099-03-31' });
  });

  it('says what the backend says against it, and keeps the day', async () => {
    api.on(END, () => refusal(problem(409, 'already_let', 'This unit is already let in that time.')));
    await show(<UnitScreen id={1} />, owner);
    fireEvent.press(await screen.findByRole('button', { name: 'End this tenancy' }));
    write('Or another day', '31/3/2099');
    press('Continue');
    press('End it on 31 Mar 2099');
    expect(await screen.findByText('This unit is already let in that time.')).toBeVisible();
    expect(screen.getByDisplayValue('31/3/2099')).toBeVisible();
  });
});

it('reads and writes days as people in India do', () => {
  expect(['5/12/2026', '05-12-2026', '05.12.2026', ' 5/12/2026 '].map(dayOf)).toEqual(Array(4).fill('2026-12-05'));
  expect(['31/11/2026', '12/31/2026', '2026-12-05', 'soon', ''].map(dayOf)).toEqual(Array(5).fill(null));
  expect(dayOf(written('2026-12-05'))).toBe('2026-12-05');
  expect([firstOfMonth('2026-12-05', 1), lastOfMonth('2027-12-05', 2), lastOfMonth('2026-11-28')]).toEqual([
    '2027-01-01',
    '2028-02-29',
    '2026-11-30',
  ]);
});

it('tells who lives in a unit, who comes and who is gone, to the day', () => {
  const [one] = tenancies as [Tenancy];
  const gone = { ...one, id: 2, starts_on: '2025-01-01', ends_on: '2026-11-27' };
  const last = { ...one, id: 3, starts_on: '2026-11-28', ends_on: '2026-11-30' };
  const next = { ...one, id: 4, starts_on: '2026-12-01' };
  const elsewhere = { ...one, id: 5, unit_id: 2 };
  const { current, coming, past } = standingOf(1, [next, elsewhere, last, gone], '2026-11-28');
  expect([current?.id, coming.map(({ id }) => id), past.map(({ id }) => id)]).toEqual([3, [4], [2]]);
});
