/** Answers of the API as it gave them to `make run`'s people, typed so that a change of the schema shows here. */
import type {
  Autopay,
  AutopaySetup,
  Invoice,
  Let,
  LoggedIn,
  Me,
  OwnerDashboard,
  PaginatedPaymentList,
  Payment,
  PlanChange,
  PricingPlan,
  Problem,
  Property,
  Refund,
  Started,
  StartedSubscription,
  Statement,
  Subscription,
  SubscriptionPayment,
  Tenancy,
  TenantDashboard,
  Unit,
  User,
  Verified,
  VerifiedSubscription,
} from '@/api/schema';

export const ORDER = 'ZLT-c2aVJqoccD66YRy5OPCpvA';
export const PAY_PAGE = 'https://pay.example/transact/uat_v2?token=a%2Fb%3D';

export const tenant: User = { id: 1, role: 'tenant', name: 'Ravi Kumar', email: 'ravi@example.org', phone: '' };
export const owner: User = { id: 2, role: 'owner', name: 'Meera Shah', email: '', phone: '+919800000002' };

export const me: Me = {
  ...owner,
  billing_name: '',
  address: '',
  state: '',
  gstin: '',
  pan: '',
  notifications: {
    rent_due: true,
    rent_overdue: true,
    payment_received: true,
    payment_failed: true,
    refund_done: true,
    refund_failed: true,
    subscription_renews: true,
    subscription_past_due: true,
    subscription_expired: true,
    debit_failed: true,
    mandate_paused: true,
    mandate_revoked: true,
  },
};

export const loggedIn: LoggedIn = {
  success: true,
  token: '149f081818a6746b',
  expiry: '2026-12-27T21:27:49.453271Z',
  user: tenant,
};

export const pending: Payment = {
  id: 3,
  merchant_order_id: ORDER,
  amount: '15000.00',
  status: 'pending',
  state: 'PENDING',
  under_review: false,
  refunded_amount: '0.00',
  payment_mode: '',
  utr: '',
  paid_at: null,
  created_at: '2026-11-27T21:28:10.128082Z',
  refunds: [],
  refundable_amount: '0.00',
  can_refund: false,
  can_pay_again: false,
  failure: null,
  tenancy: 1,
  property: 'Lakeview House',
  unit: 'Flat 1',
  payer: 'Ravi Kumar',
  months: [],
};

export const paid: Payment = {
  ...pending,
  status: 'completed',
  state: 'COMPLETED',
  payment_mode: 'UPI_INTENT',
  utr: '063196443483',
  paid_at: '2026-11-27T21:28:27.272000Z',
  months: ['2026-11'],
};

export const failed: Payment = {
  ...pending,
  status: 'failed',
  state: 'FAILED',
  can_pay_again: true,
  failure: { code: 'INVALID_MPIN', sentence: 'The UPI PIN was wrong. Pay again with the right PIN.' },
};

export const refund: Refund = {
  merchant_refund_id: 'ZLR-h6hecY6bAaAj4OHRwtM7BA',
  refund_id: 'OMR2611280300081835568739',
  amount: '500.00',
  state: 'COMPLETED',
  kind: 'requested',
  reason: 'Repair',
  created_at: '2026-11-27T21:30:08.067797Z',
  finished_at: '2026-11-27T21:30:15.000000Z',
};

export const refundable: Payment = { ...paid, can_refund: true, refundable_amount: '15000.00' };

const verified = (payment: Payment, rest: Partial<Verified> = {}): Verified => ({
  success: true,
  merchant_order_id: payment.merchant_order_id,
  state: payment.state,
  under_review: payment.under_review,
  final: payment.state !== 'PENDING',
  payment,
  ...rest,
});

export const verify = {
  pending: verified(pending, { poll_after: 2 }),
  paid: verified(paid),
  failed: verified(failed),
  /** Failed for its payer, but watched still: its money may come. */
  uncertain: verified({ ...failed, can_pay_again: false, failure: null }, { final: false }),
  review: verified({ ...pending, under_review: true }, { detail: 'This payment arrived with another amount.' }),
  refunded: verified({ ...paid, status: 'refunded', refunded_amount: '15000.00', refunds: [refund] }),
};

export const subscriptionPaid: SubscriptionPayment = {
  id: 9,
  merchant_order_id: ORDER,
  amount: '499.00',
  status: 'completed',
  state: 'COMPLETED',
  under_review: false,
  refunded_amount: '0.00',
  payment_mode: 'CARD',
  utr: '',
  paid_at: '2026-11-27T21:28:27.272000Z',
  created_at: '2026-11-27T21:28:10.128082Z',
  refunds: [],
  refundable_amount: '0.00',
  can_refund: false,
  can_pay_again: false,
  failure: null,
  plan: 'Starter',
  period: 'monthly',
  purpose: 'first',
  kind: 'payment',
  goes_back: false,
};

export const verifiedSubscription: VerifiedSubscription = {
  success: true,
  merchant_order_id: ORDER,
  state: 'COMPLETED',
  under_review: false,
  final: true,
  payment: subscriptionPaid,
};

export const started: Started = {
  success: true,
  payment_id: 3,
  merchant_order_id: ORDER,
  order_id: 'OMO2611280258101280827',
  state: 'PENDING',
  redirect_url: PAY_PAGE,
  expire_at: '2026-11-27T21:48:10Z',
  amount: '15000.00',
};

export const startedSubscription: StartedSubscription = {
  ...started,
  amount: '499.00',
  charged_for: 'Starter, monthly',
  credit: '0.00',
  detail: 'Starter, monthly, from 28 November 2026.',
  starts_at: '2026-11-27T21:28:10Z',
  ends_at: '2026-12-27T21:28:10Z',
};

const NAMES = ['2025-12', ...Array.from({ length: 11 }, (_, index) => `2026-${String(index + 1).padStart(2, '0')}`)];
const months = NAMES.map((month, index) => ({
  month,
  received: index === 11 ? '115000.00' : index === 10 ? '15000.00' : '0.00',
  refunded: index === 11 ? '500.00' : '0.00',
}));

export const tenantDashboard: TenantDashboard = {
  role: 'tenant',
  outstanding: '29000.00',
  due: [
    {
      id: 2,
      tenancy: 1,
      month: '2026-11',
      amount: '15000.00',
      due_on: '2026-11-05',
      outstanding: '14000.00',
      property: 'Lakeview House',
      unit: 'Flat 1',
    },
    {
      id: 4,
      tenancy: 1,
      month: '2026-12',
      amount: '15000.00',
      due_on: '2026-12-05',
      outstanding: '15000.00',
      property: 'Lakeview House',
      unit: 'Flat 1',
    },
  ],
  paid: { this_month: '1000.00', last_month: '15000.00' },
  refunds: { this_month: '0.00', last_month: '0.00' },
  open_payment: null,
  months,
};

export const nothingDue: TenantDashboard = { ...tenantDashboard, outstanding: '0.00', due: [] };

export const ownerDashboard: OwnerDashboard = {
  role: 'owner',
  outstanding: '14000.00',
  received: { this_month: '115000.00', last_month: '15000.00' },
  refunds: { this_month: '500.00', last_month: '0.00' },
  held_for_payout: '129500.00',
  units: [
    { tenancy: 1, property: 'Lakeview House', unit: 'Flat 1', tenant: 'Ravi Kumar', outstanding: '14000.00' },
    { tenancy: 2, property: 'Lakeview House', unit: 'Flat 2', tenant: 'Asha Rao', outstanding: '-500.00' },
  ],
  months,
};

export const tenancies: Tenancy[] = [
  {
    id: 1,
    unit_id: 1,
    unit: 'Flat 1',
    property: 'Lakeview House',
    tenant: 'Ravi Kumar',
    monthly_rent: '15000.00',
    due_day: 5,
    starts_on: '2026-04-01',
    ends_on: null,
    outstanding: '15000.00',
    next_due_date: '2026-11-05',
    has_signed_up: true,
  },
];

export const properties: Property[] = [
  { id: 1, name: 'Lakeview House', address: '12 Lake Road, Pune' },
  { id: 2, name: 'Hill View', address: '' },
];
export const units: Unit[] = [
  { id: 1, property: 1, name: 'Flat 1' },
  { id: 2, property: 1, name: 'Flat 2' },
];
export const letTo: Let = {
  ...(tenancies[0] as Tenancy),
  id: 7,
  unit_id: 2,
  unit: 'Flat 2',
  tenant: 'Imran Ali',
  has_signed_up: false,
  invitation: { mailed_to: '', link: 'https://app.example/password?token=MTI:abc' },
};

export const payments = (...results: Payment[]): PaginatedPaymentList => ({ next: null, previous: null, results });

export const statement: Statement = {
  from: '2026-04-01',
  to: '2027-03-31',
  subject: 'tenancy',
  name: 'Ravi Kumar',
  units: ['Lakeview House, Flat 1'],
  opening_balance: '0.00',
  movements: [
    {
      date: '2026-11-01',
      kind: 'charge',
      description: 'Rent for November 2026',
      reference: '2026-11',
      tenancy: 1,
      amount: '15000.00',
      balance: '15000.00',
    },
    {
      date: '2026-11-28',
      kind: 'payment',
      description: 'Payment: Rent for Lakeview House, Flat 1',
      reference: ORDER,
      tenancy: 1,
      amount: '-1000.00',
      balance: '14000.00',
    },
  ],
  totals: { charges: '15000.00', reversals: '0.00', payments: '-1000.00', refunds: '0.00', other: '0.00' },
  closing_balance: '14000.00',
};

export const plans: PricingPlan[] = [
  {
    id: 1,
    name: 'Starter',
    monthly_price: '499.00',
    yearly_price: '4990.00',
    max_units: 10,
    features: ['Up to 10 units', 'Receipts'],
  },
  { id: 2, name: 'Growth', monthly_price: '1499.00', yearly_price: '14990.00', max_units: 50, features: [] },
];

export const subscription: Subscription = {
  status: 'active',
  plan: plans[0] as PricingPlan,
  period: 'monthly',
  current_period_start: '2026-11-27T21:28:10Z',
  current_period_end: '2026-12-27T21:28:10Z',
  paid_until: '2026-12-27T21:28:10Z',
  cancel_at_period_end: false,
  pending_change: null,
  autopay: null,
  amount_due: '0.00',
  units_used: 2,
  units_allowed: 10,
};

export const noSubscription: Subscription = {
  ...subscription,
  status: null,
  plan: null,
  period: null,
  current_period_start: null,
  current_period_end: null,
  paid_until: null,
};

export const invoice: Invoice = {
  id: 4,
  kind: 'tax_invoice',
  number: 'ZS/26-27/000123',
  issued_on: '2026-11-28',
  taxable_amount: '422.88',
  cgst: '0.00',
  sgst: '0.00',
  igst: '76.12',
  total: '499.00',
  payment: 9,
  credits: null,
};

export const creditNote: Invoice = {
  ...invoice,
  id: 5,
  kind: 'credit_note',
  number: 'ZC/26-27/000007',
  credits: invoice.number,
};

export const autopay: Autopay = {
  state: 'ACTIVE',
  merchant_subscription_id: 'ZLM-5tQpRk0Wn2Lx8cVb3JhYzA',
  max_amount: '748.50',
  next_debit_at: '2026-12-27T21:28:10Z',
  next_debit_amount: '499.00',
};

export const autopaySetup: AutopaySetup = {
  success: true,
  merchant_order_id: ORDER,
  merchant_subscription_id: autopay.merchant_subscription_id,
  intent_url: 'upi://mandate?mn=Autopay&am=748.50&fam=499.00&tr=OM2604101200000000000001',
  state: 'ACTIVATION_IN_PROGRESS',
  expire_at: '2026-11-27T21:38:10Z',
};

/** Of a change at once, which costs something now. */
export const upgrade: PlanChange = {
  success: true,
  preview: true,
  takes_effect: 'now',
  plan: plans[1] as PricingPlan,
  period: 'monthly',
  charged_now: '1000.00',
  price: '1499.00',
  charged_for: 'Growth, monthly',
  credit: '499.00',
  starts_at: '2026-11-27T21:28:10Z',
  ends_at: '2026-12-27T21:28:10Z',
  detail: 'Growth begins now.',
};

export const downgrade: PlanChange = {
  ...upgrade,
  takes_effect: 'period_end',
  charged_now: '0.00',
  credit: '0.00',
  detail: 'Growth begins when what is paid has ended.',
};

export const problem = (status: number, code: string, detail: string): Problem => ({
  type: `urn:zelton:problem:${code}`,
  title: '',
  status,
  code,
  detail,
  success: false,
  error: detail,
});
