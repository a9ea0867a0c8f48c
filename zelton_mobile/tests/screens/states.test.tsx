/** Every screen that shows what the API says: while it loads, when there is nothing, offline, refused, and full. */
import { fireEvent, screen, waitFor } from '@testing-library/react-native';
import type { ReactElement } from 'react';

import type { User } from '@/api/schema';
import { BillingScreen } from '@/screens/BillingScreen';
import { LetUnitScreen } from '@/screens/LetUnitScreen';
import { NewUnitScreen } from '@/screens/NewUnitScreen';
import { NotificationsScreen } from '@/screens/NotificationsScreen';
import { OwnerHomeScreen } from '@/screens/OwnerHomeScreen';
import { PaymentsScreen } from '@/screens/PaymentsScreen';
import { PropertiesScreen } from '@/screens/PropertiesScreen';
import { PropertyScreen } from '@/screens/PropertyFormScreen';
import { ReceivedPaymentScreen } from '@/screens/ReceivedPaymentScreen';
import { StatementScreen } from '@/screens/StatementScreen';
import { SubscriptionScreen } from '@/screens/SubscriptionScreen';
import { TenantHomeScreen } from '@/screens/TenantHomeScreen';
import { TenantPaymentScreen } from '@/screens/TenantPaymentScreen';
import { UnitScreen } from '@/screens/UnitScreen';

import { FakeApi, never, noNetwork, refusal } from '../fakeApi';
import {
  me,
  noSubscription,
  nothingDue,
  owner,
  ownerDashboard,
  paid,
  payments,
  plans,
  problem,
  properties,
  refundable,
  statement,
  subscription,
  tenancies,
  tenant,
  tenantDashboard,
  units,
} from '../recorded';
import { show } from '../screen';

interface Case {
  readonly name: string;
  readonly element: ReactElement;
  readonly user: User;
  /** Asked first; what else the screen asks is answered. */
  readonly operation: string;
  readonly full: object;
  readonly shows: RegExp;
  readonly empty?: object;
  readonly showsEmpty?: RegExp;
  readonly also?: Readonly<Record<string, object>>;
}

const STATEMENTS = 'GET /api/statements/';
const LETTINGS = {
  'GET /api/properties/': properties,
  'GET /api/units/': units,
  'GET /api/tenancies/': tenancies,
  'GET /api/owner-subscriptions/': subscription,
};
const CASES: Case[] = [
  {
    name: 'tenant home',
    element: <TenantHomeScreen />,
    user: tenant,
    operation: 'GET /api/dashboard/',
    full: tenantDashboard,
    shows: /₹29,000.00/,
    empty: nothingDue,
    showsEmpty: /Nothing is due/,
    also: { 'GET /api/tenancies/': tenancies },
  },
  {
    name: 'pay',
    element: <TenantPaymentScreen />,
    user: tenant,
    operation: 'GET /api/tenancies/',
    full: tenancies,
    shows: /All of it, ₹15,000.00/,
    empty: [],
    showsEmpty: /Nothing to pay/,
  },
  {
    name: 'a tenant’s payments',
    element: <PaymentsScreen />,
    user: tenant,
    operation: 'GET /api/payments/',
    full: payments(paid),
    shows: /November 2026/,
    empty: payments(),
    showsEmpty: /What you pay appears here/,
  },
  {
    name: 'an owner’s payments',
    element: <PaymentsScreen />,
    user: owner,
    operation: 'GET /api/payments/',
    full: payments(paid),
    shows: /Ravi Kumar · Flat 1/,
    empty: payments(),
    showsEmpty: /What your tenants pay/,
  },
  {
    name: 'a tenant’s statement',
    element: <StatementScreen />,
    user: tenant,
    operation: 'GET /api/tenancies/',
    full: tenancies,
    shows: /Rent for November 2026/,
    also: { [STATEMENTS]: statement },
  },
  {
    name: 'an owner’s statement',
    element: <StatementScreen />,
    user: owner,
    operation: STATEMENTS,
    full: statement,
    shows: /₹14,000.00/,
    empty: { ...statement, movements: [] },
    showsEmpty: /Nothing moved/,
  },
  {
    name: 'owner home',
    element: <OwnerHomeScreen />,
    user: owner,
    operation: 'GET /api/dashboard/',
    full: ownerDashboard,
    shows: /₹1,15,000.00/,
    empty: { ...ownerDashboard, units: [] },
    showsEmpty: /Nothing is let/,
  },
  {
    name: 'a payment that came',
    element: <ReceivedPaymentScreen id={3} />,
    user: owner,
    operation: 'GET /api/payments/3/',
    full: refundable,
    shows: /063196443483/,
  },
  {
    name: 'subscription',
    element: <SubscriptionScreen />,
    user: owner,
    operation: 'GET /api/owner-subscriptions/',
    full: subscription,
    shows: /Starter · monthly/,
    empty: noSubscription,
    showsEmpty: /No plan is running/,
    also: {
      'GET /api/pricing-plans/': plans,
      'GET /api/owner-subscriptions/payments/': payments(),
      'GET /api/owner-subscriptions/invoices/': payments(),
    },
  },
  {
    name: 'properties',
    element: <PropertiesScreen />,
    user: owner,
    operation: 'GET /api/properties/',
    full: properties,
    shows: /You use 2 of the 10 units/,
    empty: [],
    showsEmpty: /No property yet/,
    also: LETTINGS,
  },
  {
    name: 'a property',
    element: <PropertyScreen id={1} />,
    user: owner,
    operation: 'GET /api/properties/',
    full: properties,
    shows: /Delete this property/,
    empty: [],
    showsEmpty: /no such property/,
  },
  {
    name: 'a new unit',
    element: <NewUnitScreen property={2} />,
    user: owner,
    operation: 'GET /api/properties/',
    full: properties,
    shows: /Hill View/,
    empty: [],
    showsEmpty: /no such property/,
    also: LETTINGS,
  },
  {
    name: 'a unit',
    element: <UnitScreen id={1} />,
    user: owner,
    operation: 'GET /api/units/',
    full: units,
    shows: /Ravi Kumar/,
    empty: [],
    showsEmpty: /no such unit/,
    also: LETTINGS,
  },
  {
    name: 'letting a unit',
    element: <LetUnitScreen id={2} />,
    user: owner,
    operation: 'GET /api/units/',
    full: units,
    shows: /First day of the tenancy/,
    empty: [],
    showsEmpty: /no such unit/,
    also: LETTINGS,
  },
  {
    name: 'billing details',
    element: <BillingScreen />,
    user: owner,
    operation: 'GET /api/me/',
    full: { ...me, state: '29' },
    shows: /Karnataka/,
    empty: me,
    showsEmpty: /GSTIN/,
  },
  {
    name: 'messages',
    element: <NotificationsScreen />,
    user: owner,
    operation: 'GET /api/me/',
    full: me,
    shows: /AutoPay was paused/,
  },
];

let api: FakeApi;
beforeEach(() => {
  jest.useFakeTimers();
  api = new FakeApi();
});
afterEach(() => jest.useRealTimers());

describe.each(CASES)('$name', ({ element, user, operation, full, shows, empty, showsEmpty, also = {} }) => {
  const open = async (...answers: Parameters<FakeApi['on']>[1][]): Promise<void> => {
    for (const [name, answer] of Object.entries(also)) api.on(name, answer);
    api.on(operation, ...answers);
    await show(element, user);
  };

  it('shows what there is', async () => {
    await open(full);
    expect((await screen.findAllByText(shows)).length).toBeGreaterThan(0);
  });

  it('says that it is loading', async () => {
    await open(never);
    expect(await screen.findByRole('progressbar')).toBeVisible();
  });

  it('says that there is no connection, and tries again', async () => {
    await open(noNetwork, noNetwork, noNetwork, full);
    expect(await screen.findByTestId('offline', {}, { timeout: 10_000 })).toBeVisible();
    fireEvent.press(screen.getByRole('button', { name: 'Try again' }));
    expect((await screen.findAllByText(shows)).length).toBeGreaterThan(0);
  });

  it('says why it was refused', async () => {
    await open(() => refusal(problem(403, 'permission_denied', 'This is for somebody else to do.')));
    expect(await screen.findByText('This is for somebody else to do.')).toBeVisible();
    expect(screen.getByTestId('error')).toBeVisible();
  });

  it('takes JSON that is not Zelton’s for no answer', async () => {
    await open({ hello: 'Welcome to Hotel Wi-Fi' });
    expect(await screen.findByText(/Something else than Zelton answered/)).toBeVisible();
  });

  it('ends the sign-in when the token is not taken', async () => {
    await open(() => refusal(problem(401, 'authentication_failed', 'Log in again.')));
    expect(await screen.findByText('signed out')).toBeVisible();
  });

  if (empty && showsEmpty) {
    it('says that there is nothing', async () => {
      await open(empty);
      await waitFor(() => expect(screen.getByText(showsEmpty)).toBeVisible());
    });
  }
});
