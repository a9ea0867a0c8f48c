// Written by `npm run types` from the backend’s OpenAPI document. Do not edit.

export interface paths {
  '/api/auth/change-password/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Change the password and revoke every token of the user, so that all log in anew
     * @description Change the password and revoke every token of the user, so that all log in anew.
     */
    post: operations['auth_change_password_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/auth/login/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Exchange a name and a password for a token
     * @description Exchange a name and a password for a token. It expires, and is stored hashed.
     *
     *     An e-mail address or a phone number that several people have is refused as a wrong name is.
     */
    post: operations['auth_login_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/auth/logout/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Revoke the token that this request came with
     * @description Revoke the token that this request came with.
     */
    post: operations['auth_logout_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/auth/logout-all/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Revoke every token of whoever asks, on every device, this one included
     * @description Revoke every token of whoever asks, on every device, this one included.
     */
    post: operations['auth_logout_all_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/auth/password-reset/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Mail a link to choose a new password
     * @description Mail a link to choose a new password. The answer is the same whether anybody has the address or not.
     */
    post: operations['auth_password_reset_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/auth/password-reset/confirm/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Choose a password with the token of a mail or an invitation
     * @description Choose a password with the token of a mail or an invitation. Every log-in of that person ends.
     */
    post: operations['auth_password_reset_confirm_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/charges/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A tenant's own charges, those of an owner's tenants, all for staff who may see charges
     * @description A tenant's own charges, those of an owner's tenants, all for staff who may see charges; not what was reversed.
     */
    get: operations['charges_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/dashboard/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tell a tenant what is due and paid, and an owner what came, is outstanding and is held for payout
     * @description Tell a tenant what is due and paid, and an owner what came, is outstanding and is held for payout.
     */
    get: operations['dashboard_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/me/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tell who is logged in, what they are, and what messages they want
     * @description Tell who is logged in, what they are, and what messages they want.
     */
    get: operations['me_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change what invoices say of an owner from now on, or which messages somebody wants
     * @description Change what invoices say of an owner from now on, or which messages somebody wants.
     */
    patch: operations['me_partial_update'];
    trace?: never;
  };
  '/api/owner-subscriptions/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tell how the subscription stands: its plan and period, what waits, and what is due
     * @description Tell how the subscription stands: its plan and period, what waits, and what is due.
     */
    get: operations['owner_subscriptions_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/{id}/receipt/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the receipt of a paid subscription payment as a PDF
     * @description Get the receipt of a paid subscription payment as a PDF.
     */
    get: operations['owner_subscriptions_receipt_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/{id}/refund/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Pay back a part of a subscription payment, or all that is left
     * @description Pay back a part of a subscription payment, or all that is left; the opened period shortens by that share.
     */
    post: operations['owner_subscriptions_refund_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/active/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tell which paid period runs now
     * @description Tell which paid period runs now.
     */
    get: operations['owner_subscriptions_active_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/autopay/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Start setting AutoPay up, or get the current setup back
     * @description Start setting AutoPay up, or get the current setup back.
     *
     *     The owner approves it in a UPI app within ten minutes. The first period is paid with it; while a period is paid,
     *     two rupees check the account and go back.
     */
    post: operations['owner_subscriptions_autopay_create'];
    /**
     * Cancel AutoPay: no debit is begun from now on
     * @description Cancel AutoPay: no debit is begun from now on. The mandate is cancelled at PhonePe as soon as it answers.
     */
    delete: operations['owner_subscriptions_autopay_destroy'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/cancel/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Let the subscription end with what is paid, and cancel AutoPay
     * @description Let the subscription end with what is paid, and cancel AutoPay.
     *
     *     Nothing is refunded. `resume` takes it back until then; AutoPay has to be set up anew.
     */
    post: operations['owner_subscriptions_cancel_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/change-plan/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Change the plan or the period, or with `preview` only tell what that does
     * @description Change the plan or the period, or with `preview` only tell what that does.
     *
     *     A plan that costs more, or a longer period, begins at once: 201 with a pay page for the rest of the period, less
     *     what is left of what was paid. Everything else begins when what is paid has ended: 200.
     */
    post: operations['owner_subscriptions_change_plan_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/initiate-payment/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Start paying for a period of a plan, or get the current payment back
     * @description Start paying for a period of a plan, or get the current payment back.
     *
     *     The plan that runs is extended, by a month or by a year. One that costs more begins at once, for the rest of the
     *     period: `credit` is what is left of the present plan. A smaller one waits: see change-plan.
     */
    post: operations['owner_subscriptions_initiate_payment_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/invoices/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List invoices and credit notes, newest first
     * @description The tax papers of an owner's subscription.
     */
    get: operations['owner_subscriptions_invoices_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/invoices/{invoice_id}/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get an invoice or a credit note as a PDF
     * @description Get an invoice or a credit note as a PDF.
     */
    get: operations['owner_subscriptions_invoices_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/payments/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the subscription's payments, newest first
     * @description The attempts of an owner to pay for the subscription.
     */
    get: operations['owner_subscriptions_payments_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/resume/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take a cancellation back before the subscription has ended
     * @description Take a cancellation back before the subscription has ended.
     */
    post: operations['owner_subscriptions_resume_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/owner-subscriptions/verify-payment/{merchant_order_id}/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tell how a subscription payment stands
     * @description Tell how a subscription payment stands; asks PhonePe unless that is final or was done just now.
     */
    get: operations['owner_subscriptions_verify_payment_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List payments, newest first
     * @description A tenant's own payments, those of an owner's properties, all of them for staff who may see payments.
     */
    get: operations['payments_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/{payment_id}/refunds/{merchant_refund_id}/receipt/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the receipt of a refund that PhonePe has paid back, as a PDF
     * @description Get the receipt of a refund that PhonePe has paid back, as a PDF.
     */
    get: operations['payments_refunds_receipt_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/{id}/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get one payment
     * @description A tenant's own payments, those of an owner's properties, all of them for staff who may see payments.
     */
    get: operations['payments_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/{id}/receipt/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the receipt of a paid payment as a PDF
     * @description Get the receipt of a paid payment as a PDF.
     */
    get: operations['payments_receipt_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/{id}/refund/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Pay back a part of a payment, or all that is left of it
     * @description Pay back a part of a payment, or all that is left of it.
     */
    post: operations['payments_refund_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/handle-payment-callback/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take the app's word as a reason to ask PhonePe, and for nothing else
     * @description Take the app's word as a reason to ask PhonePe, and for nothing else.
     *
     *     Known and unknown ids get the same answer after the same statements; the next tick asks.
     */
    post: operations['payments_handle_payment_callback_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/initiate-rent-payment/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Start a rent payment, or get the current one back
     * @description Start a rent payment, or get the current one back.
     */
    post: operations['payments_initiate_rent_payment_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/payments/verify-payment/{merchant_order_id}/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tell how a payment stands
     * @description Tell how a payment stands; asks PhonePe unless that is final or was done just now.
     */
    get: operations['payments_verify_payment_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/pricing-plans/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the plans on offer
     * @description The plans on offer.
     */
    get: operations['pricing_plans_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/properties/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * An owner's own properties
     * @description An owner's own properties.
     */
    get: operations['properties_list'];
    put?: never;
    /**
     * Add a property
     * @description Add a property.
     */
    post: operations['properties_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/properties/{id}/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * An owner's own properties
     * @description An owner's own properties.
     */
    get: operations['properties_retrieve'];
    put?: never;
    post?: never;
    /**
     * Delete what nothing belongs to
     * @description Delete what nothing belongs to; what has a past stays, and can be renamed.
     */
    delete: operations['properties_destroy'];
    options?: never;
    head?: never;
    /**
     * An owner's own properties
     * @description An owner's own properties.
     */
    patch: operations['properties_partial_update'];
    trace?: never;
  };
  '/api/statements/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the statement of account for some days: a tenant's own, an owner's own, or whose staff name
     * @description Get the statement of account for some days: a tenant's own, an owner's own, or whose staff name.
     *
     *     A tenant's amounts are positive where the tenant owes, an owner's where Zelton holds money for them.
     */
    get: operations['statements_retrieve'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/tenancies/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List tenancies, with what is outstanding
     * @description A tenant's own tenancies, an owner's let units, all of them for staff who may see tenancies.
     */
    get: operations['tenancies_list'];
    put?: never;
    /**
     * Let a unit of one's own, and invite who rents it: by mail, or with a link to hand over
     * @description Let a unit of one's own, and invite who rents it: by mail, or with a link to hand over.
     */
    post: operations['tenancies_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/tenancies/{id}/end/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End a tenancy with its last day
     * @description End a tenancy with its last day; rent that was charged for days after it is owed no more.
     */
    post: operations['tenancies_end_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/tenancies/{id}/invite/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Invite the tenant of a tenancy again, who has no password yet
     * @description Invite the tenant of a tenancy again, who has no password yet. An earlier link works no more.
     */
    post: operations['tenancies_invite_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/units/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The units of an owner's properties: flats, shops, rooms
     * @description The units of an owner's properties: flats, shops, rooms.
     */
    get: operations['units_list'];
    put?: never;
    /**
     * Add a unit to a property, if the owner's plan has one more
     * @description Add a unit to a property, if the owner's plan has one more.
     */
    post: operations['units_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/units/{id}/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The units of an owner's properties: flats, shops, rooms
     * @description The units of an owner's properties: flats, shops, rooms.
     */
    get: operations['units_retrieve'];
    put?: never;
    post?: never;
    /**
     * Delete what nothing belongs to
     * @description Delete what nothing belongs to; what has a past stays, and can be renamed.
     */
    delete: operations['units_destroy'];
    options?: never;
    head?: never;
    /**
     * The units of an owner's properties: flats, shops, rooms
     * @description The units of an owner's properties: flats, shops, rooms.
     */
    patch: operations['units_partial_update'];
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ActiveSubscription: {
      readonly id: number;
      plan: components['schemas']['PricingPlan'];
      period: components['schemas']['PeriodEnum'];
      /** Format: date-time */
      starts_at: string;
      /** Format: date-time */
      ends_at: string;
      /**
       * Format: date-time
       * @description The end of what is paid, later periods included.
       */
      readonly paid_until: string;
    };
    AskRefundRequest: {
      /**
       * @description Left out or null: all that is left.
       * @example 15000.00
       */
      amount?: string | number | null;
      reason: string;
    };
    /** @description How AutoPay stands: `next_debit_at` is null while no debit is to come. */
    Autopay: {
      state: components['schemas']['MandateState'];
      merchant_subscription_id: string;
      /** @example 15000.00 */
      max_amount: string;
      /** Format: date-time */
      next_debit_at: string | null;
      /** @example 15000.00 */
      next_debit_amount: string | null;
    };
    AutopayCancelled: {
      /** @default true */
      success: boolean;
      state: components['schemas']['MandateState'];
    };
    /** @description A mandate that can be approved now: open `intent_url`, which is empty when a UPI id is asked. */
    AutopaySetup: {
      /** @default true */
      success: boolean;
      merchant_order_id: string;
      merchant_subscription_id: string;
      intent_url: string;
      state: components['schemas']['MandateState'];
      /** Format: date-time */
      expire_at: string;
    };
    /** @description What the app may send, and anything else: nothing of it is believed, and what is of no use is ignored. */
    CallbackRequest: {
      /** @description Ours. Best: a string. */
      merchant_order_id?: unknown;
      /** @description PhonePe's. */
      orderId?: unknown;
    };
    CalledBack: {
      /** @default true */
      success: boolean;
      state: components['schemas']['OrderState'];
    };
    ChangePasswordRequest: {
      old_password: string;
      new_password: string;
    };
    ChangePlanRequest: {
      pricing_plan_id: number;
      period: components['schemas']['PeriodEnum'];
      /** @default redirect */
      channel: components['schemas']['ChannelEnum'];
      /**
       * @description true: only tell what it would do.
       * @default false
       */
      preview: boolean;
    };
    /**
     * @description * `redirect` - Redirect
     *     * `mobile_sdk` - Mobile Sdk
     * @enum {string}
     */
    ChannelEnum: 'redirect' | 'mobile_sdk';
    Charge: {
      readonly id: number;
      readonly tenancy: number;
      /** @example 2026-04 */
      month: string;
      /** @example 15000.00 */
      amount: string;
      /** Format: date */
      readonly due_on: string;
      /**
       * @description What is left to pay; money that came goes to the oldest month first.
       * @example 15000.00
       */
      outstanding: string;
    };
    ChoosePasswordRequest: {
      /** @description As the mail has it. */
      token: string;
      password: string;
    };
    Dashboard: components['schemas']['TenantDashboard'] | components['schemas']['OwnerDashboard'];
    /**
     * @description * `ANDROID` - ANDROID
     *     * `IOS` - IOS
     * @enum {string}
     */
    DeviceOsEnum: 'ANDROID' | 'IOS';
    Done: {
      /** @default true */
      success: boolean;
      /** @description A sentence for a person. */
      detail: string;
    };
    Due: {
      readonly id: number;
      readonly tenancy: number;
      /** @example 2026-04 */
      month: string;
      /** @example 15000.00 */
      amount: string;
      /** Format: date */
      readonly due_on: string;
      /**
       * @description What is left to pay; money that came goes to the oldest month first.
       * @example 15000.00
       */
      outstanding: string;
      property: string;
      unit: string;
    };
    EndTenancyRequest: {
      /**
       * Format: date
       * @description The last day, inclusive.
       */
      ends_on: string;
    };
    /** @description Why a payment failed. */
    Failure: {
      /** @description PhonePe's errorCode, or NOT_STARTED, NOT_COMPLETED or CLOSED where nobody tried to pay. A code that an app does not know is shown by its sentence. */
      code: string;
      /** @description For a person: why, and what to do. */
      sentence: string;
    };
    /** @description How the tenant comes to a password; neither is there for somebody who has one. */
    Invitation: {
      /** @description The address to which a link was mailed; empty: none was. */
      mailed_to: string;
      /** @description For a new tenant without an e-mail address: hand it to them. It works once, for seven days. */
      link: string;
    };
    /** @description A tax paper: the invoice of a payment, or the credit note of a refund. */
    Invoice: {
      readonly id: number;
      kind: components['schemas']['InvoiceKindEnum'];
      number: string;
      /** Format: date */
      readonly issued_on: string;
      /** @example 15000.00 */
      taxable_amount: string;
      /** @example 15000.00 */
      cgst: string;
      /** @example 15000.00 */
      sgst: string;
      /** @example 15000.00 */
      igst: string;
      /** @example 15000.00 */
      total: string;
      /** @description The subscription payment. */
      payment: number;
      /** @description Of a credit note: the invoice's number. */
      readonly credits: string | null;
    };
    /**
     * @description * `tax_invoice` - tax invoice
     *     * `credit_note` - credit note
     * @enum {string}
     */
    InvoiceKindEnum: 'tax_invoice' | 'credit_note';
    Let: {
      readonly id: number;
      unit_id: number;
      unit: string;
      property: string;
      /** @description The tenant's name. */
      tenant: string;
      /** @example 15000.00 */
      monthly_rent: string;
      /** @description 31: the last day of a shorter month. */
      due_day: number;
      /**
       * Format: date
       * @description The first day.
       */
      readonly starts_on: string;
      /**
       * Format: date
       * @description The last day, inclusive; null while it has no end.
       */
      ends_on: string | null;
      /** @example 15000.00 */
      outstanding: string;
      /** Format: date */
      readonly next_due_date: string | null;
      /** @description Whether the tenant has chosen a password; until then the owner can invite them again. */
      has_signed_up: boolean;
      invitation: components['schemas']['Invitation'];
    };
    LoggedIn: {
      /** @default true */
      success: boolean;
      token: string;
      /** Format: date-time */
      expiry: string;
      user: components['schemas']['User'];
    };
    LoginRequest: {
      /** @description The user name, the e-mail address or the phone number of whoever logs in. */
      username: string;
      password: string;
    };
    /**
     * @description * `ACTIVATION_IN_PROGRESS` - Activation In Progress
     *     * `ACTIVE` - Active
     *     * `PAUSE_IN_PROGRESS` - Pause In Progress
     *     * `PAUSED` - Paused
     *     * `UNPAUSE_IN_PROGRESS` - Unpause In Progress
     *     * `REVOKE_IN_PROGRESS` - Revoke In Progress
     *     * `REVOKED` - Revoked
     *     * `CANCEL_IN_PROGRESS` - Cancel In Progress
     *     * `CANCELLED` - Cancelled
     *     * `EXPIRED` - Expired
     *     * `FAILED` - Failed
     * @enum {string}
     */
    MandateState:
      | 'ACTIVATION_IN_PROGRESS'
      | 'ACTIVE'
      | 'PAUSE_IN_PROGRESS'
      | 'PAUSED'
      | 'UNPAUSE_IN_PROGRESS'
      | 'REVOKE_IN_PROGRESS'
      | 'REVOKED'
      | 'CANCEL_IN_PROGRESS'
      | 'CANCELLED'
      | 'EXPIRED'
      | 'FAILED';
    /** @description Who is logged in. What invoices say of an owner is there for owners alone. */
    Me: {
      readonly id: number;
      readonly role: components['schemas']['Role'];
      name: string;
      /** @description Empty: none is known. */
      email: string;
      /** @description Empty: none is known. */
      phone: string;
      billing_name?: string;
      address?: string;
      /** @description The state's two digits: 29. */
      state?: string;
      gstin?: string;
      /** @description Stands on invoices to its owner, and on receipts of rent that is paid from then on. */
      pan?: string;
      /** @description By kind, whether its messages are wanted; what the law wants told is not among them. */
      readonly notifications: {
        rent_due?: boolean;
        rent_overdue?: boolean;
        payment_received?: boolean;
        payment_failed?: boolean;
        refund_done?: boolean;
        refund_failed?: boolean;
        subscription_renews?: boolean;
        subscription_past_due?: boolean;
        subscription_expired?: boolean;
        debit_failed?: boolean;
        mandate_paused?: boolean;
        mandate_revoked?: boolean;
      };
    };
    Month: {
      /** @example 2026-04 */
      month: string;
      /**
       * @description Of a tenant: what they paid.
       * @example 15000.00
       */
      received: string;
      /**
       * @description Refunds that have not failed.
       * @example 15000.00
       */
      refunded: string;
    };
    Movement: {
      /**
       * Format: date
       * @description Of the Indian calendar.
       */
      date: string;
      kind: components['schemas']['MovementKindEnum'];
      description: string;
      /** @description A merchant_order_id, a merchant_refund_id, or the month of rent. */
      reference: string;
      /** @description Null in an owner's statement. */
      tenancy: number | null;
      /** @example 15000.00 */
      amount: string;
      /**
       * @description After this movement.
       * @example 15000.00
       */
      balance: string;
    };
    /**
     * @description * `charge` - rent fell due
     *     * `payment` - PhonePe took money from the tenant
     *     * `reversal` - rent that had fallen due is owed no more
     *     * `refund` - money goes back to the tenant, or could not
     *     * `other` - Other
     * @enum {string}
     */
    MovementKindEnum: 'charge' | 'payment' | 'reversal' | 'refund' | 'other';
    NewTenancyRequest: {
      /**
       * Format: int64
       * @description Its id.
       */
      unit: number;
      tenant: components['schemas']['NewTenantRequest'];
      /**
       * @description Rupees, at least 1, with at most two decimals. Best as a string; a number is taken too.
       * @example 15000.00
       */
      monthly_rent: string | number;
      /**
       * @description 31: the last day of a shorter month.
       * @default 5
       */
      due_day: number;
      /**
       * Format: date
       * @description The first day.
       */
      starts_on: string;
    };
    /** @description Whom the unit is let to; by the phone number or the e-mail address they log in. */
    NewTenantRequest: {
      name: string;
      phone?: string;
      email?: string;
    };
    NewUnitRequest: {
      /**
       * Format: int64
       * @description Its id.
       */
      property: number;
      name: string;
    };
    /** @description The running month of the Indian calendar, and the one before it. */
    NowAndBefore: {
      /** @example 15000.00 */
      this_month: string;
      /** @example 15000.00 */
      last_month: string;
    };
    NullEnum: null;
    /**
     * @description * `PENDING` - Pending
     *     * `COMPLETED` - Completed
     *     * `FAILED` - Failed
     * @enum {string}
     */
    OrderState: 'PENDING' | 'COMPLETED' | 'FAILED';
    /** @description Base of both: `role` says which it is. */
    OwnerDashboard: {
      /**
       * @description tenant or owner
       *
       *     * `tenant` - Tenant
       *     * `owner` - Owner
       *     * `staff` - Staff
       *     * `none` - None
       */
      role: components['schemas']['Role'];
      /**
       * @description All that is due and not paid.
       * @example 15000.00
       */
      outstanding: string;
      /** @description Refunds that have not failed. */
      refunds: components['schemas']['NowAndBefore'];
      /** @description Twelve months, the running one last: a series for a chart. */
      months: components['schemas']['Month'][];
      received: components['schemas']['NowAndBefore'];
      /** @description What is let now, and what still owes something. */
      units: components['schemas']['UnitOutstanding'][];
      /**
       * @description Rent that Zelton holds for the owner, less what went back.
       * @example 15000.00
       */
      held_for_payout: string;
    };
    PaginatedChargeList: {
      /** Format: uri */
      next: string | null;
      /** Format: uri */
      previous: string | null;
      results: components['schemas']['Charge'][];
    };
    PaginatedInvoiceList: {
      /** Format: uri */
      next: string | null;
      /** Format: uri */
      previous: string | null;
      results: components['schemas']['Invoice'][];
    };
    PaginatedPaymentList: {
      /** Format: uri */
      next: string | null;
      /** Format: uri */
      previous: string | null;
      results: components['schemas']['Payment'][];
    };
    PaginatedSubscriptionPaymentList: {
      /** Format: uri */
      next: string | null;
      /** Format: uri */
      previous: string | null;
      results: components['schemas']['SubscriptionPayment'][];
    };
    PasswordResetRequest: {
      /** Format: email */
      email: string;
    };
    /** @description What people may change of themselves: owners what invoices say of them, everybody what they are told. */
    PatchedChangeMeRequest: {
      billing_name?: string;
      address?: string;
      /** @description The state's two digits: 29. */
      state?: string;
      gstin?: string;
      /** @description Stands on invoices to its owner, and on receipts of rent that is paid from then on. */
      pan?: string;
      /** @description By kind, whether its messages are wanted; what the law wants told is not among them. */
      notifications?: {
        rent_due?: boolean;
        rent_overdue?: boolean;
        payment_received?: boolean;
        payment_failed?: boolean;
        refund_done?: boolean;
        refund_failed?: boolean;
        subscription_renews?: boolean;
        subscription_past_due?: boolean;
        subscription_expired?: boolean;
        debit_failed?: boolean;
        mandate_paused?: boolean;
        mandate_revoked?: boolean;
      };
    };
    PatchedPropertyRequest: {
      name?: string;
      address?: string;
    };
    PatchedUnitRequest: {
      name?: string;
    };
    Payment: {
      readonly id: number;
      readonly merchant_order_id: string;
      /** @example 15000.00 */
      amount: string;
      /** @default pending */
      readonly status: components['schemas']['PaymentStatus'];
      readonly state: components['schemas']['OrderState'];
      readonly under_review: boolean;
      /** @example 15000.00 */
      readonly refunded_amount: string;
      payment_mode: string;
      utr: string;
      /** Format: date-time */
      paid_at: string | null;
      /** Format: date-time */
      readonly created_at: string;
      readonly refunds: components['schemas']['Refund'][];
      /**
       * @description Of what was paid, the part that is neither back, nor on its way back, nor disputed.
       * @example 15000.00
       */
      readonly refundable_amount: string;
      /** @description Whether who asks can ask for a refund now. */
      readonly can_refund: boolean;
      /** @description Nothing can come of this attempt any more, and something is due: offer to pay again. */
      can_pay_again: boolean;
      readonly failure: components['schemas']['Failure'] | null;
      readonly tenancy: number;
      property: string;
      unit: string;
      /** @description The tenant's name. */
      payer: string;
      /** @description Paid for, as "2026-04"; empty until the money has come. */
      months: string[];
    };
    /**
     * @description * `UPI_INTENT` - UPI_INTENT
     *     * `UPI_COLLECT` - UPI_COLLECT
     *     * `UPI_QR` - UPI_QR
     *     * `CARD` - CARD
     *     * `NET_BANKING` - NET_BANKING
     * @enum {string}
     */
    PaymentModesEnum: 'UPI_INTENT' | 'UPI_COLLECT' | 'UPI_QR' | 'CARD' | 'NET_BANKING';
    /**
     * @description * `pending` - Pending
     *     * `completed` - Completed
     *     * `failed` - Failed
     *     * `cancelled` - Cancelled
     *     * `partially_refunded` - Partially Refunded
     *     * `refunded` - Refunded
     * @enum {string}
     */
    PaymentStatus: 'pending' | 'completed' | 'failed' | 'cancelled' | 'partially_refunded' | 'refunded';
    /** @description What begins when the paid time ends. */
    PendingChange: {
      plan: components['schemas']['PricingPlan'];
      period: components['schemas']['PeriodEnum'];
      /** Format: date-time */
      starts_at: string;
      /**
       * @description What it costs; fixed once the owner was told of the renewal.
       * @example 15000.00
       */
      amount: string;
    };
    /**
     * @description * `monthly` - Monthly
     *     * `yearly` - Yearly
     * @enum {string}
     */
    PeriodEnum: 'monthly' | 'yearly';
    /** @description What changing the plan does, or would do: at once for `charged_now`, or at the end of what is paid. */
    PlanChange: {
      /** @default true */
      success: boolean;
      preview: boolean;
      takes_effect: components['schemas']['TakesEffectEnum'];
      plan: components['schemas']['PricingPlan'];
      period: components['schemas']['PeriodEnum'];
      /** @example 15000.00 */
      charged_now: string;
      /**
       * @description Of the change at once, or of the period that begins at the end of what is paid.
       * @example 15000.00
       */
      price: string;
      /** @description What the money is for, in a few words for a person. */
      charged_for: string;
      /**
       * @description What is left of the paid time and was taken off the price.
       * @example 15000.00
       */
      credit: string;
      /** Format: date-time */
      starts_at: string;
      /** Format: date-time */
      ends_at: string;
      /** @description A sentence for a person. */
      detail: string;
    };
    PricingPlan: {
      readonly id: number;
      name: string;
      /** @example 15000.00 */
      monthly_price: string;
      /** @example 15000.00 */
      yearly_price: string;
      /** Format: int64 */
      max_units: number;
      features: string[];
    };
    Property: {
      readonly id: number;
      name: string;
      address?: string;
    };
    PropertyRequest: {
      name: string;
      address?: string;
    };
    /**
     * @description * `first` - first period, or the first one after a gap
     *     * `renewal` - period that follows the paid time
     *     * `upgrade` - upgrade at once
     *     * `check` - check of the account for AutoPay, paid back
     * @enum {string}
     */
    PurposeEnum: 'first' | 'renewal' | 'upgrade' | 'check';
    Refund: {
      readonly merchant_refund_id: string;
      /** @description PhonePe's; empty: not known yet. */
      readonly refund_id: string;
      /** @example 15000.00 */
      amount: string;
      readonly state: components['schemas']['RefundState'];
      readonly kind: components['schemas']['RefundKindEnum'];
      readonly reason: string;
      /** Format: date-time */
      readonly created_at: string;
      /** Format: date-time */
      readonly finished_at: string | null;
    };
    /** @description A refund on its way; PENDING too where PhonePe has not answered yet. */
    RefundAsked: {
      /** @default true */
      success: boolean;
      merchant_refund_id: string;
      refund_id: string;
      state: components['schemas']['RefundState'];
      /** @example 15000.00 */
      amount: string;
    };
    /**
     * @description * `requested` - requested by an owner or an operator
     *     * `surplus` - more came than was due
     *     * `mismatch` - another amount came than was asked for
     *     * `dashboard` - made at PhonePe, on its dashboard, and not here
     * @enum {string}
     */
    RefundKindEnum: 'requested' | 'surplus' | 'mismatch' | 'dashboard';
    /**
     * @description * `AWAITING_APPROVAL` - Awaiting Approval
     *     * `PENDING` - Pending
     *     * `CONFIRMED` - Confirmed
     *     * `COMPLETED` - Completed
     *     * `FAILED` - Failed
     * @enum {string}
     */
    RefundState: 'AWAITING_APPROVAL' | 'PENDING' | 'CONFIRMED' | 'COMPLETED' | 'FAILED';
    /**
     * @description * `tenant` - Tenant
     *     * `owner` - Owner
     *     * `staff` - Staff
     *     * `none` - None
     * @enum {string}
     */
    Role: 'tenant' | 'owner' | 'staff' | 'none';
    /** @description One of `target_app`, which the phone then opens, and `upi_id`, whose owner is asked. */
    SetUpAutopayRequest: {
      pricing_plan_id: number;
      period: components['schemas']['PeriodEnum'];
      device_os: components['schemas']['DeviceOsEnum'];
      /** @description On Android its package, on iOS one of PHONEPE, GPAY, PAYTM, CRED, SUPERMONEY, BHIM, AMAZON. */
      target_app?: string;
      upi_id?: string;
    };
    StartRentPaymentRequest: {
      /**
       * @description Rupees, at least 1, with at most two decimals. Best as a string; a number is taken too.
       * @example 15000.00
       */
      amount: string | number;
      /** Format: int64 */
      tenancy?: number;
      /** @default redirect */
      channel: components['schemas']['ChannelEnum'];
      payment_modes?: components['schemas']['PaymentModesEnum'][];
    };
    StartSubscriptionPaymentRequest: {
      pricing_plan_id: number;
      period: components['schemas']['PeriodEnum'];
      /** @default redirect */
      channel: components['schemas']['ChannelEnum'];
    };
    /** @description A payment that can be paid now: `redirect_url` for the channel redirect, `token` for mobile_sdk. */
    Started: {
      /** @default true */
      success: boolean;
      payment_id: number;
      merchant_order_id: string;
      order_id: string;
      state: components['schemas']['OrderState'];
      redirect_url?: string;
      token?: string;
      /** Format: date-time */
      expire_at: string;
      /** @example 15000.00 */
      amount: string;
    };
    /** @description A payment that can be paid now, and when its period runs if it is: `detail` says so to a person. */
    StartedSubscription: {
      /** @default true */
      success: boolean;
      payment_id: number;
      merchant_order_id: string;
      order_id: string;
      state: components['schemas']['OrderState'];
      redirect_url?: string;
      token?: string;
      /** Format: date-time */
      expire_at: string;
      /** @example 15000.00 */
      amount: string;
      /** @description What the money is for, in a few words for a person. */
      charged_for: string;
      /**
       * @description What is left of the paid time and was taken off the price.
       * @example 15000.00
       */
      credit: string;
      /** Format: date-time */
      starts_at: string;
      /** Format: date-time */
      ends_at: string;
      detail: string;
    };
    /**
     * @description Opening balance + amounts of all movements = closing balance.
     *
     *     Signs are the reader's. Of a tenancy, positive is owed by the tenant: a charge is positive, a payment negative.
     *     Of an owner, positive is held by Zelton for them: a payment is positive, a refund negative.
     */
    Statement: {
      /** Format: date */
      from: string;
      /** Format: date */
      to: string;
      subject: components['schemas']['SubjectEnum'];
      /** @description The tenant's or the owner's. */
      name: string;
      /** @description Of the tenancies; empty for an owner. */
      units: string[];
      /**
       * @description Before the first day.
       * @example 15000.00
       */
      opening_balance: string;
      movements: components['schemas']['Movement'][];
      totals: components['schemas']['Totals'];
      /**
       * @description After the last day.
       * @example 15000.00
       */
      closing_balance: string;
    };
    /**
     * @description * `tenancy` - positive: the tenant owes it
     *     * `owner` - positive: Zelton holds it for the owner
     * @enum {string}
     */
    SubjectEnum: 'tenancy' | 'owner';
    /** @description How the subscription stands. `status` is null until the first payment has come. */
    Subscription: {
      status: components['schemas']['SubscriptionStatusEnum'] | components['schemas']['NullEnum'];
      plan: components['schemas']['PricingPlan'] | null;
      period: components['schemas']['PeriodEnum'] | components['schemas']['NullEnum'];
      /** Format: date-time */
      current_period_start: string | null;
      /** Format: date-time */
      current_period_end: string | null;
      /**
       * Format: date-time
       * @description Later periods that are paid included.
       */
      paid_until: string | null;
      cancel_at_period_end: boolean;
      pending_change: components['schemas']['PendingChange'] | null;
      autopay: components['schemas']['Autopay'] | null;
      /**
       * @description What is to be paid now to go on; 0.00 until the renewal is announced.
       * @example 15000.00
       */
      amount_due: string;
      /** @description How many units the owner has. */
      units_used: number;
      /** @description How many the plan has; without a plan that runs, those of the smallest on offer. */
      units_allowed: number | null;
    };
    SubscriptionPayment: {
      readonly id: number;
      readonly merchant_order_id: string;
      /** @example 15000.00 */
      amount: string;
      readonly status: components['schemas']['PaymentStatus'];
      readonly state: components['schemas']['OrderState'];
      readonly under_review: boolean;
      /** @example 15000.00 */
      readonly refunded_amount: string;
      payment_mode: string;
      utr: string;
      /** Format: date-time */
      paid_at: string | null;
      /** Format: date-time */
      readonly created_at: string;
      readonly refunds: components['schemas']['Refund'][];
      /**
       * @description Of what was paid, the part that is neither back, nor on its way back, nor disputed.
       * @example 15000.00
       */
      readonly refundable_amount: string;
      /** @description Whether who asks can ask for a refund now. */
      readonly can_refund: boolean;
      /** @description Nothing can come of this attempt any more, and something is due: offer to pay again. */
      can_pay_again: boolean;
      readonly failure: components['schemas']['Failure'] | null;
      plan: string;
      readonly period: components['schemas']['PeriodEnum'];
      readonly purpose: components['schemas']['PurposeEnum'];
      /**
       * @description `autopay_setup`: COMPLETED says that AutoPay is set up, and not only that money came.
       *
       *     * `payment` - on a pay page
       *     * `autopay_setup` - by approving AutoPay
       *     * `autopay_debit` - by AutoPay
       */
      readonly kind: components['schemas']['SubscriptionPaymentKindEnum'];
      /** @description True: setting AutoPay up only checks the account; its ₹2.00 go back by themselves. */
      readonly goes_back: boolean;
    };
    /**
     * @description * `payment` - on a pay page
     *     * `autopay_setup` - by approving AutoPay
     *     * `autopay_debit` - by AutoPay
     * @enum {string}
     */
    SubscriptionPaymentKindEnum: 'payment' | 'autopay_setup' | 'autopay_debit';
    /**
     * @description * `active` - active
     *     * `past_due` - past_due
     *     * `cancelled` - cancelled
     *     * `expired` - expired
     * @enum {string}
     */
    SubscriptionStatusEnum: 'active' | 'past_due' | 'cancelled' | 'expired';
    /**
     * @description * `now` - now
     *     * `period_end` - period_end
     * @enum {string}
     */
    TakesEffectEnum: 'now' | 'period_end';
    Tenancy: {
      readonly id: number;
      unit_id: number;
      unit: string;
      property: string;
      /** @description The tenant's name. */
      tenant: string;
      /** @example 15000.00 */
      monthly_rent: string;
      /** @description 31: the last day of a shorter month. */
      due_day: number;
      /**
       * Format: date
       * @description The first day.
       */
      starts_on: string;
      /**
       * Format: date
       * @description The last day, inclusive; null while it has no end.
       */
      ends_on: string | null;
      /** @example 15000.00 */
      outstanding: string;
      /** Format: date */
      readonly next_due_date: string | null;
      /** @description Whether the tenant has chosen a password; until then the owner can invite them again. */
      has_signed_up: boolean;
    };
    /** @description Base of both: `role` says which it is. */
    TenantDashboard: {
      /**
       * @description tenant or owner
       *
       *     * `tenant` - Tenant
       *     * `owner` - Owner
       *     * `staff` - Staff
       *     * `none` - None
       */
      role: components['schemas']['Role'];
      /**
       * @description All that is due and not paid.
       * @example 15000.00
       */
      outstanding: string;
      /** @description Refunds that have not failed. */
      refunds: components['schemas']['NowAndBefore'];
      /** @description Twelve months, the running one last: a series for a chart. */
      months: components['schemas']['Month'][];
      /** @description Months that are not paid in full, the oldest first. */
      due: components['schemas']['Due'][];
      paid: components['schemas']['NowAndBefore'];
      /** @description The payment that is under way. */
      open_payment: components['schemas']['Payment'] | null;
    };
    /** @description What each kind moved, with its sign; together they are the closing less the opening balance. */
    Totals: {
      /** @example 15000.00 */
      charges: string;
      /**
       * @description Of charges.
       * @example 15000.00
       */
      reversals: string;
      /** @example 15000.00 */
      payments: string;
      /**
       * @description That have not failed.
       * @example 15000.00
       */
      refunds: string;
      /** @example 15000.00 */
      other: string;
    };
    Unit: {
      readonly id: number;
      readonly property: number;
      name: string;
    };
    UnitOutstanding: {
      tenancy: number;
      property: string;
      unit: string;
      tenant: string;
      /**
       * @description Negative: paid ahead.
       * @example 15000.00
       */
      outstanding: string;
    };
    User: {
      readonly id: number;
      readonly role: components['schemas']['Role'];
      name: string;
      /** @description Empty: none is known. */
      email: string;
      /** @description Empty: none is known. */
      phone: string;
    };
    /**
     * @description How an attempt to pay stands.
     *
     *     `poll_after` is there while asking again can bring news; it grows with the age of the payment. `final` says that
     *     nothing can come any more. `under_review` is true while PENDING waits for Zelton's
     *     staff, because another amount came than was asked for; then `detail` says so to a person.
     */
    Verified: {
      /** @default true */
      success: boolean;
      merchant_order_id: string;
      state: components['schemas']['OrderState'];
      under_review: boolean;
      /** @description True once nothing can come any more. */
      final: boolean;
      /** @description A sentence for a person. */
      detail?: string;
      /** @description Seconds to wait before asking again. */
      poll_after?: number;
      payment: components['schemas']['Payment'];
    };
    /**
     * @description How an attempt to pay stands.
     *
     *     `poll_after` is there while asking again can bring news; it grows with the age of the payment. `final` says that
     *     nothing can come any more. `under_review` is true while PENDING waits for Zelton's
     *     staff, because another amount came than was asked for; then `detail` says so to a person.
     */
    VerifiedSubscription: {
      /** @default true */
      success: boolean;
      merchant_order_id: string;
      state: components['schemas']['OrderState'];
      under_review: boolean;
      /** @description True once nothing can come any more. */
      final: boolean;
      /** @description A sentence for a person. */
      detail?: string;
      /** @description Seconds to wait before asking again. */
      poll_after?: number;
      payment: components['schemas']['SubscriptionPayment'];
    };
    /**
     * @description A refusal, after RFC 9457.
     * @example {
     *       "type": "urn:zelton:problem:amount_above_due",
     *       "title": "Bad Request",
     *       "status": 400,
     *       "detail": "You can pay at most ₹15,000.00.",
     *       "code": "amount_above_due",
     *       "errors": {
     *         "amount": [
     *           "You can pay at most ₹15,000.00."
     *         ]
     *       },
     *       "params": {
     *         "due": "15000.00"
     *       },
     *       "success": false,
     *       "error": "You can pay at most ₹15,000.00."
     *     }
     */
    Problem: {
      /** @description `urn:zelton:problem:` and the code. */
      type: string;
      /** @description What HTTP calls the status. */
      title: string;
      /** @description The HTTP status. */
      status: number;
      /** @description A sentence for a person. */
      detail: string;
      /**
       * @description For a program. A code that it does not know is to be taken by its status.
       *
       *     - `amount_above_due` (400) More rent was offered than is due.
       *     - `bad_request` (400) The request cannot be understood.
       *     - `invalid` (400) A field is not what it must be; `errors` names it.
       *     - `parse_error` (400) The body is not a JSON object.
       *     - `refund_rest_too_small` (400) A part was asked back that would leave less than can ever be refunded.
       *     - `rest_too_small` (400) A part was offered that would leave less due than can be paid.
       *     - `token_not_valid` (400) The token to choose a password is wrong, has run out or was used.
       *     - `too_long_for_pdf` (400) A statement has more movements than a PDF holds; CSV holds any number.
       *     - `authentication_failed` (401) The token is not valid, or not any more.
       *     - `not_authenticated` (401) No token came with the request.
       *     - `wrong_credentials` (401) The user name or the password is wrong.
       *     - `own_payment` (403) Whoever made a payment decides nothing about it; somebody else has to.
       *     - `own_rent` (403) A tenant decides nothing about what they owe themselves.
       *     - `own_request` (403) Whoever asked for a refund does not decide whether it is approved.
       *     - `permission_denied` (403) This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard.
       *     - `not_found` (404) There is nothing here of that name, or not for the asker to see.
       *     - `method_not_allowed` (405) The address takes other methods.
       *     - `not_acceptable` (406) `Accept` asks for what the address does not have.
       *     - `already_let` (409) The unit is let to somebody in that time.
       *     - `already_paid` (409) What was asked to be paid is paid; nothing more was charged.
       *     - `already_resolved` (409) The alert has been resolved.
       *     - `already_reversed` (409) The charge has been reversed.
       *     - `autopay_not_possible` (409) AutoPay cannot be set up for this plan and period as the subscription stands; the sentence says why.
       *     - `autopay_running` (409) AutoPay is set up already, and covers the price.
       *     - `autopay_setup_waits` (409) An AutoPay setup can still be approved, which would be another one or would pay the period itself.
       *     - `cannot_be_done_now` (409) What staff want to do does not fit how things stand; the sentence says why.
       *     - `has_past` (409) What was let or has units is not deleted: its payments, receipts and statements go on naming it.
       *     - `no_subscription` (409) No subscription runs, or it is not in a state in which this can be done.
       *     - `not_awaiting_approval` (409) The refund waits for nobody's approval, or not any more.
       *     - `not_invitable` (409) The tenant has a password already, or is for somebody else to invite; the sentence says which.
       *     - `not_paid` (409) The payment has not gone through, so there is no receipt of it.
       *     - `not_paid_back` (409) PhonePe has not paid the refund back yet, so there is no receipt of it.
       *     - `not_refundable` (409) The payment has not gone through.
       *     - `not_under_review` (409) Staff decide on an order that waits for no decision.
       *     - `nothing_due` (409) The upgrade costs less than can be paid; change the plan, and nothing is charged.
       *     - `nothing_left_to_refund` (409) All of the payment, or all but a little, has been paid back.
       *     - `other_plan_running` (409) Another plan is paid for, and this one or this period can only begin when that has ended: change the plan.
       *     - `payment_disputed` (409) The payer disputes the payment with their bank, or has had it back from there.
       *     - `payment_under_review` (409) An earlier payment waits for Zelton's staff; paying again is possible after that.
       *     - `payment_waits` (409) A payment for the subscription has been started and can still be paid.
       *     - `refund_not_approved` (409) The second person, whom a refund of this size takes, refused it; nothing was paid back.
       *     - `refund_running` (409) Another refund of the payment is under way.
       *     - `still_running` (409) Somebody is doing just this at the moment.
       *     - `unit_limit` (409) The owner's plan has no more units.
       *     - `unsupported_media_type` (415) The body is not sent as JSON.
       *     - `idempotency_key_reused` (422) The Idempotency-Key came before with another request.
       *     - `refund_above_rest` (422) More was asked back than is left of the payment.
       *     - `throttled` (429) Too many requests; `Retry-After` says how many seconds to wait.
       *     - `server_error` (500) A defect on our side.
       *     - `phonepe_refused` (502) PhonePe did not accept the payment; nothing was charged. PhonePe did not accept the refund; nothing was paid back.
       *     - `busy` (503) The database did not answer in time, and nothing was done; `Retry-After` says when to try again.
       *     - `documents_busy` (503) Other long documents are being drawn; ask again.
       *     - `phonepe_unknown` (503) PhonePe has not said whether the payment was started; ask again with the same Idempotency-Key. PhonePe has not said how the last payment stands, so no other takes its place; ask again.
       * @example amount_above_due
       * @example bad_request
       * @example invalid
       * @example parse_error
       * @example refund_rest_too_small
       * @example rest_too_small
       * @example token_not_valid
       * @example too_long_for_pdf
       * @example authentication_failed
       * @example not_authenticated
       * @example wrong_credentials
       * @example own_payment
       * @example own_rent
       * @example own_request
       * @example permission_denied
       * @example not_found
       * @example method_not_allowed
       * @example not_acceptable
       * @example already_let
       * @example already_paid
       * @example already_resolved
       * @example already_reversed
       * @example autopay_not_possible
       * @example autopay_running
       * @example autopay_setup_waits
       * @example cannot_be_done_now
       * @example has_past
       * @example no_subscription
       * @example not_awaiting_approval
       * @example not_invitable
       * @example not_paid
       * @example not_paid_back
       * @example not_refundable
       * @example not_under_review
       * @example nothing_due
       * @example nothing_left_to_refund
       * @example other_plan_running
       * @example payment_disputed
       * @example payment_under_review
       * @example payment_waits
       * @example refund_not_approved
       * @example refund_running
       * @example still_running
       * @example unit_limit
       * @example unsupported_media_type
       * @example idempotency_key_reused
       * @example refund_above_rest
       * @example throttled
       * @example server_error
       * @example phonepe_refused
       * @example busy
       * @example documents_busy
       * @example phonepe_unknown
       */
      code: string;
      /** @description The sentences by field, where fields are wrong. */
      errors?: {
        [key: string]: string[];
      };
      /**
       * @description The figures of the sentence, for a sentence in another language: amounts, days (`2026-11-27`), instants, numbers, names. None has to be there.
       *
       *     - `amount_above_due`: `due`
       *     - `autopay_not_possible`: `limit`
       *     - `autopay_setup_waits`: `amount`
       *     - `nothing_due`: `plan`
       *     - `nothing_left_to_refund`: `left`
       *     - `other_plan_running`: `plan`, `until`
       *     - `payment_waits`: `amount`, `until`
       *     - `refund_above_rest`: `left`
       *     - `refund_rest_too_small`: `rest`
       *     - `refund_running`: `amount`
       *     - `rest_too_small`: `rest`
       *     - `throttled`: `seconds`
       *     - `too_long_for_pdf`: `movements`, `most`
       *     - `unit_limit`: `plan`, `units`, `wanted`
       */
      params?: {
        [key: string]: string | number;
      };
      /** @constant */
      success: false;
      /** @description The same as `detail`. */
      error: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type ActiveSubscription = components['schemas']['ActiveSubscription'];
export type AskRefundRequest = components['schemas']['AskRefundRequest'];
export type Autopay = components['schemas']['Autopay'];
export type AutopayCancelled = components['schemas']['AutopayCancelled'];
export type AutopaySetup = components['schemas']['AutopaySetup'];
export type CallbackRequest = components['schemas']['CallbackRequest'];
export type CalledBack = components['schemas']['CalledBack'];
export type ChangePasswordRequest = components['schemas']['ChangePasswordRequest'];
export type ChangePlanRequest = components['schemas']['ChangePlanRequest'];
export type ChannelEnum = components['schemas']['ChannelEnum'];
export type Charge = components['schemas']['Charge'];
export type ChoosePasswordRequest = components['schemas']['ChoosePasswordRequest'];
export type Dashboard = components['schemas']['Dashboard'];
export type DeviceOsEnum = components['schemas']['DeviceOsEnum'];
export type Done = components['schemas']['Done'];
export type Due = components['schemas']['Due'];
export type EndTenancyRequest = components['schemas']['EndTenancyRequest'];
export type Failure = components['schemas']['Failure'];
export type Invitation = components['schemas']['Invitation'];
export type Invoice = components['schemas']['Invoice'];
export type InvoiceKindEnum = components['schemas']['InvoiceKindEnum'];
export type Let = components['schemas']['Let'];
export type LoggedIn = components['schemas']['LoggedIn'];
export type LoginRequest = components['schemas']['LoginRequest'];
export type MandateState = components['schemas']['MandateState'];
export type Me = components['schemas']['Me'];
export type Month = components['schemas']['Month'];
export type Movement = components['schemas']['Movement'];
export type MovementKindEnum = components['schemas']['MovementKindEnum'];
export type NewTenancyRequest = components['schemas']['NewTenancyRequest'];
export type NewTenantRequest = components['schemas']['NewTenantRequest'];
export type NewUnitRequest = components['schemas']['NewUnitRequest'];
export type NowAndBefore = components['schemas']['NowAndBefore'];
export type NullEnum = components['schemas']['NullEnum'];
export type OrderState = components['schemas']['OrderState'];
export type OwnerDashboard = components['schemas']['OwnerDashboard'];
export type PaginatedChargeList = components['schemas']['PaginatedChargeList'];
export type PaginatedInvoiceList = components['schemas']['PaginatedInvoiceList'];
export type PaginatedPaymentList = components['schemas']['PaginatedPaymentList'];
export type PaginatedSubscriptionPaymentList = components['schemas']['PaginatedSubscriptionPaymentList'];
export type PasswordResetRequest = components['schemas']['PasswordResetRequest'];
export type PatchedChangeMeRequest = components['schemas']['PatchedChangeMeRequest'];
export type PatchedPropertyRequest = components['schemas']['PatchedPropertyRequest'];
export type PatchedUnitRequest = components['schemas']['PatchedUnitRequest'];
export type Payment = components['schemas']['Payment'];
export type PaymentModesEnum = components['schemas']['PaymentModesEnum'];
export type PaymentStatus = components['schemas']['PaymentStatus'];
export type PendingChange = components['schemas']['PendingChange'];
export type PeriodEnum = components['schemas']['PeriodEnum'];
export type PlanChange = components['schemas']['PlanChange'];
export type PricingPlan = components['schemas']['PricingPlan'];
export type Property = components['schemas']['Property'];
export type PropertyRequest = components['schemas']['PropertyRequest'];
export type PurposeEnum = components['schemas']['PurposeEnum'];
export type Refund = components['schemas']['Refund'];
export type RefundAsked = components['schemas']['RefundAsked'];
export type RefundKindEnum = components['schemas']['RefundKindEnum'];
export type RefundState = components['schemas']['RefundState'];
export type Role = components['schemas']['Role'];
export type SetUpAutopayRequest = components['schemas']['SetUpAutopayRequest'];
export type StartRentPaymentRequest = components['schemas']['StartRentPaymentRequest'];
export type StartSubscriptionPaymentRequest = components['schemas']['StartSubscriptionPaymentRequest'];
export type Started = components['schemas']['Started'];
export type StartedSubscription = components['schemas']['StartedSubscription'];
export type Statement = components['schemas']['Statement'];
export type SubjectEnum = components['schemas']['SubjectEnum'];
export type Subscription = components['schemas']['Subscription'];
export type SubscriptionPayment = components['schemas']['SubscriptionPayment'];
export type SubscriptionPaymentKindEnum = components['schemas']['SubscriptionPaymentKindEnum'];
export type SubscriptionStatusEnum = components['schemas']['SubscriptionStatusEnum'];
export type TakesEffectEnum = components['schemas']['TakesEffectEnum'];
export type Tenancy = components['schemas']['Tenancy'];
export type TenantDashboard = components['schemas']['TenantDashboard'];
export type Totals = components['schemas']['Totals'];
export type Unit = components['schemas']['Unit'];
export type UnitOutstanding = components['schemas']['UnitOutstanding'];
export type User = components['schemas']['User'];
export type Verified = components['schemas']['Verified'];
export type VerifiedSubscription = components['schemas']['VerifiedSubscription'];
export type Problem = components['schemas']['Problem'];
export type $defs = Record<string, never>;
export interface operations {
  auth_change_password_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "old_password": "a-long-Password-4711",
         *       "new_password": "another-long-Password-4712"
         *     }
         */
        'application/json': components['schemas']['ChangePasswordRequest'];
      };
    };
    responses: {
      /** @description Every token is revoked. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  auth_login_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "username": "ravi@example.org",
         *       "password": "a-long-Password-4711"
         *     }
         */
        'application/json': components['schemas']['LoginRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "token": "3f9c…",
           *       "expiry": "2026-05-10T06:30:00Z",
           *       "user": {
           *         "id": 7,
           *         "role": "tenant",
           *         "name": "Ravi Kumar",
           *         "email": "ravi@example.org",
           *         "phone": "+91 98765 43210"
           *       }
           *     }
           */
          'application/json': components['schemas']['LoggedIn'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `wrong_credentials`: The user name or the password is wrong. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  auth_logout_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The token is revoked. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  auth_logout_all_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Every token is revoked. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  auth_password_reset_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "email": "ravi@example.org"
         *     }
         */
        'application/json': components['schemas']['PasswordResetRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "detail": "If somebody has this e-mail address here, a link is on its way. It works once, for an hour."
           *     }
           */
          'application/json': components['schemas']['Done'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  auth_password_reset_confirm_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "token": "WzcsImE5…",
         *       "password": "another-long-Password-4712"
         *     }
         */
        'application/json': components['schemas']['ChoosePasswordRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "detail": "The password is set. Log in with it."
           *     }
           */
          'application/json': components['schemas']['Done'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       *     - `token_not_valid`: The token to choose a password is wrong, has run out or was used.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  charges_list: {
    parameters: {
      query?: {
        /** @description The pagination cursor value. */
        cursor?: string;
        tenancy?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "next": null,
           *       "previous": null,
           *       "results": [
           *         {
           *           "id": 12,
           *           "tenancy": 3,
           *           "month": "2026-04",
           *           "amount": "15000.00",
           *           "due_on": "2026-04-05",
           *           "outstanding": "15000.00"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PaginatedChargeList'];
        };
      };
      /** @description - `invalid`: A field is not what it must be; `errors` names it. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  dashboard_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "role": "owner",
           *       "outstanding": "15000.00",
           *       "received": {
           *         "this_month": "15000.00",
           *         "last_month": "30000.00"
           *       },
           *       "refunds": {
           *         "this_month": "5000.00",
           *         "last_month": "0.00"
           *       },
           *       "held_for_payout": "40000.00",
           *       "units": [
           *         {
           *           "tenancy": 3,
           *           "property": "Lakeview House",
           *           "unit": "Flat 1",
           *           "tenant": "Ravi Kumar",
           *           "outstanding": "15000.00"
           *         }
           *       ],
           *       "months": [
           *         {
           *           "month": "2026-03",
           *           "received": "30000.00",
           *           "refunded": "0.00"
           *         },
           *         {
           *           "month": "2026-04",
           *           "received": "15000.00",
           *           "refunded": "5000.00"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['Dashboard'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  me_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 7,
           *       "role": "owner",
           *       "name": "Asha Rao",
           *       "email": "ravi@example.org",
           *       "phone": "+91 98765 43210",
           *       "billing_name": "Asha Rao Properties",
           *       "address": "12 Lake Road, Pune 411001",
           *       "state": "27",
           *       "gstin": "27ABCPE1234F1ZB",
           *       "pan": "ABCPE1234F",
           *       "notifications": {
           *         "rent_due": false,
           *         "rent_overdue": true,
           *         "payment_received": true,
           *         "payment_failed": true,
           *         "refund_done": true,
           *         "refund_failed": true,
           *         "subscription_renews": true,
           *         "subscription_past_due": true,
           *         "subscription_expired": true,
           *         "debit_failed": true,
           *         "mandate_paused": true,
           *         "mandate_revoked": true
           *       }
           *     }
           */
          'application/json': components['schemas']['Me'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  me_partial_update: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "billing_name": "Asha Rao Properties",
         *       "gstin": "27ABCPE1234F1ZB",
         *       "notifications": {
         *         "rent_due": false
         *       }
         *     }
         */
        'application/json': components['schemas']['PatchedChangeMeRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 7,
           *       "role": "owner",
           *       "name": "Asha Rao",
           *       "email": "ravi@example.org",
           *       "phone": "+91 98765 43210",
           *       "billing_name": "Asha Rao Properties",
           *       "address": "12 Lake Road, Pune 411001",
           *       "state": "27",
           *       "gstin": "27ABCPE1234F1ZB",
           *       "pan": "ABCPE1234F",
           *       "notifications": {
           *         "rent_due": false,
           *         "rent_overdue": true,
           *         "payment_received": true,
           *         "payment_failed": true,
           *         "refund_done": true,
           *         "refund_failed": true,
           *         "subscription_renews": true,
           *         "subscription_past_due": true,
           *         "subscription_expired": true,
           *         "debit_failed": true,
           *         "mandate_paused": true,
           *         "mandate_revoked": true
           *       }
           *     }
           */
          'application/json': components['schemas']['Me'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "active",
           *       "plan": {
           *         "id": 1,
           *         "name": "Starter",
           *         "monthly_price": "499.00",
           *         "yearly_price": "4990.00",
           *         "max_units": 10,
           *         "features": [
           *           "Up to 10 units"
           *         ]
           *       },
           *       "period": "monthly",
           *       "current_period_start": "2026-04-10T06:30:00Z",
           *       "current_period_end": "2026-05-10T06:30:00Z",
           *       "paid_until": "2026-05-10T06:30:00Z",
           *       "cancel_at_period_end": false,
           *       "pending_change": {
           *         "plan": {
           *           "id": 1,
           *           "name": "Starter",
           *           "monthly_price": "499.00",
           *           "yearly_price": "4990.00",
           *           "max_units": 10,
           *           "features": [
           *             "Up to 10 units"
           *           ]
           *         },
           *         "period": "yearly",
           *         "starts_at": "2026-05-10T06:30:00Z",
           *         "amount": "4990.00"
           *       },
           *       "autopay": null,
           *       "amount_due": "0.00",
           *       "units_used": 4,
           *       "units_allowed": 10
           *     }
           */
          'application/json': components['schemas']['Subscription'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_receipt_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/pdf': string;
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_paid`: The payment has not gone through, so there is no receipt of it. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_refund_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "amount": "5000.00",
         *       "reason": "Moved out early"
         *     }
         */
        'application/json': components['schemas']['AskRefundRequest'];
      };
    };
    responses: {
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "merchant_refund_id": "ZLR-8sJ2mWq0uXbT5kLrEzYcNw",
           *       "refund_id": "OMR2604101230000000001",
           *       "state": "PENDING",
           *       "amount": "5000.00"
           *     }
           */
          'application/json': components['schemas']['RefundAsked'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       *     - `refund_rest_too_small`: A part was asked back that would leave less than can ever be refunded.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `own_payment`: Whoever made a payment decides nothing about it; somebody else has to.
       *     - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard.
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `not_refundable`: The payment has not gone through.
       *     - `nothing_left_to_refund`: All of the payment, or all but a little, has been paid back.
       *     - `payment_disputed`: The payer disputes the payment with their bank, or has had it back from there.
       *     - `refund_not_approved`: The second person, whom a refund of this size takes, refused it; nothing was paid back.
       *     - `refund_running`: Another refund of the payment is under way.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `idempotency_key_reused`: The Idempotency-Key came before with another request.
       *     - `refund_above_rest`: More was asked back than is left of the payment.
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `phonepe_refused`: PhonePe did not accept the payment; nothing was charged. PhonePe did not accept the refund; nothing was paid back. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_active_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 9,
           *       "plan": {
           *         "id": 1,
           *         "name": "Starter",
           *         "monthly_price": "499.00",
           *         "yearly_price": "4990.00",
           *         "max_units": 10,
           *         "features": [
           *           "Up to 10 units"
           *         ]
           *       },
           *       "period": "monthly",
           *       "starts_at": "2026-04-10T06:30:00Z",
           *       "ends_at": "2026-05-10T06:30:00Z",
           *       "paid_until": "2026-05-10T06:30:00Z"
           *     }
           */
          'application/json': components['schemas']['ActiveSubscription'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_autopay_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "pricing_plan_id": 1,
         *       "period": "monthly",
         *       "device_os": "ANDROID",
         *       "target_app": "com.phonepe.app"
         *     }
         */
        'application/json': components['schemas']['SetUpAutopayRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "merchant_subscription_id": "ZLM-5tQpRk0Wn2Lx8cVb3JhYzA",
           *       "intent_url": "upi://mandate?mn=Autopay&am=748.50&fam=499.00&tr=OM2604101200000000000001",
           *       "state": "ACTIVATION_IN_PROGRESS",
           *       "expire_at": "2026-04-10T06:40:00Z"
           *     }
           */
          'application/json': components['schemas']['AutopaySetup'];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "merchant_subscription_id": "ZLM-5tQpRk0Wn2Lx8cVb3JhYzA",
           *       "intent_url": "upi://mandate?mn=Autopay&am=748.50&fam=499.00&tr=OM2604101200000000000001",
           *       "state": "ACTIVATION_IN_PROGRESS",
           *       "expire_at": "2026-04-10T06:40:00Z"
           *     }
           */
          'application/json': components['schemas']['AutopaySetup'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `already_paid`: What was asked to be paid is paid; nothing more was charged.
       *     - `autopay_not_possible`: AutoPay cannot be set up for this plan and period as the subscription stands; the sentence says why.
       *     - `autopay_running`: AutoPay is set up already, and covers the price.
       *     - `autopay_setup_waits`: An AutoPay setup can still be approved, which would be another one or would pay the period itself.
       *     - `payment_under_review`: An earlier payment waits for Zelton's staff; paying again is possible after that.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `phonepe_refused`: PhonePe did not accept the payment; nothing was charged. PhonePe did not accept the refund; nothing was paid back. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again.
       *     - `phonepe_unknown`: PhonePe has not said whether the payment was started; ask again with the same Idempotency-Key. PhonePe has not said how the last payment stands, so no other takes its place; ask again.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_autopay_destroy: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "state": "CANCEL_IN_PROGRESS"
           *     }
           */
          'application/json': components['schemas']['AutopayCancelled'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_cancel_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "active",
           *       "plan": {
           *         "id": 1,
           *         "name": "Starter",
           *         "monthly_price": "499.00",
           *         "yearly_price": "4990.00",
           *         "max_units": 10,
           *         "features": [
           *           "Up to 10 units"
           *         ]
           *       },
           *       "period": "monthly",
           *       "current_period_start": "2026-04-10T06:30:00Z",
           *       "current_period_end": "2026-05-10T06:30:00Z",
           *       "paid_until": "2026-05-10T06:30:00Z",
           *       "cancel_at_period_end": true,
           *       "pending_change": null,
           *       "autopay": null,
           *       "amount_due": "0.00",
           *       "units_used": 4,
           *       "units_allowed": 10
           *     }
           */
          'application/json': components['schemas']['Subscription'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `no_subscription`: No subscription runs, or it is not in a state in which this can be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_change_plan_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "pricing_plan_id": 1,
         *       "period": "yearly",
         *       "preview": true
         *     }
         */
        'application/json': components['schemas']['ChangePlanRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "preview": true,
           *       "takes_effect": "period_end",
           *       "plan": {
           *         "id": 1,
           *         "name": "Starter",
           *         "monthly_price": "499.00",
           *         "yearly_price": "4990.00",
           *         "max_units": 10,
           *         "features": [
           *           "Up to 10 units"
           *         ]
           *       },
           *       "period": "yearly",
           *       "charged_now": "0.00",
           *       "price": "4990.00",
           *       "charged_for": "Starter plan, yearly, 10 May 2026 to 10 May 2027",
           *       "credit": "0.00",
           *       "starts_at": "2026-05-10T06:30:00Z",
           *       "ends_at": "2027-05-10T06:30:00Z",
           *       "detail": "The Starter plan, yearly, begins on 10 May 2026, when what is paid has ended. Nothing is charged before."
           *     }
           */
          'application/json': components['schemas']['PlanChange'];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "payment_id": 41,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "order_id": "OMO2604101200000000001",
           *       "state": "PENDING",
           *       "redirect_url": "https://mercury.example/pay/OMO2604101200000000001",
           *       "expire_at": "2026-04-10T06:50:00Z",
           *       "amount": "499.00",
           *       "charged_for": "Starter plan, monthly, 10 April 2026 to 10 May 2026",
           *       "credit": "0.00",
           *       "starts_at": "2026-04-10T06:30:00Z",
           *       "ends_at": "2026-05-10T06:30:00Z",
           *       "detail": "If paid today, the Starter plan runs from 10 April 2026 to 10 May 2026."
           *     }
           */
          'application/json': components['schemas']['StartedSubscription'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `already_paid`: What was asked to be paid is paid; nothing more was charged.
       *     - `no_subscription`: No subscription runs, or it is not in a state in which this can be done.
       *     - `other_plan_running`: Another plan is paid for, and this one or this period can only begin when that has ended: change the plan.
       *     - `payment_under_review`: An earlier payment waits for Zelton's staff; paying again is possible after that.
       *     - `payment_waits`: A payment for the subscription has been started and can still be paid.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `phonepe_refused`: PhonePe did not accept the payment; nothing was charged. PhonePe did not accept the refund; nothing was paid back. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again.
       *     - `phonepe_unknown`: PhonePe has not said whether the payment was started; ask again with the same Idempotency-Key. PhonePe has not said how the last payment stands, so no other takes its place; ask again.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_initiate_payment_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "pricing_plan_id": 1,
         *       "period": "monthly"
         *     }
         */
        'application/json': components['schemas']['StartSubscriptionPaymentRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "payment_id": 41,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "order_id": "OMO2604101200000000001",
           *       "state": "PENDING",
           *       "redirect_url": "https://mercury.example/pay/OMO2604101200000000001",
           *       "expire_at": "2026-04-10T06:50:00Z",
           *       "amount": "499.00",
           *       "charged_for": "Starter plan, monthly, 10 April 2026 to 10 May 2026",
           *       "credit": "0.00",
           *       "starts_at": "2026-04-10T06:30:00Z",
           *       "ends_at": "2026-05-10T06:30:00Z",
           *       "detail": "If paid today, the Starter plan runs from 10 April 2026 to 10 May 2026."
           *     }
           */
          'application/json': components['schemas']['StartedSubscription'];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "payment_id": 41,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "order_id": "OMO2604101200000000001",
           *       "state": "PENDING",
           *       "redirect_url": "https://mercury.example/pay/OMO2604101200000000001",
           *       "expire_at": "2026-04-10T06:50:00Z",
           *       "amount": "499.00",
           *       "charged_for": "Starter plan, monthly, 10 April 2026 to 10 May 2026",
           *       "credit": "0.00",
           *       "starts_at": "2026-04-10T06:30:00Z",
           *       "ends_at": "2026-05-10T06:30:00Z",
           *       "detail": "If paid today, the Starter plan runs from 10 April 2026 to 10 May 2026."
           *     }
           */
          'application/json': components['schemas']['StartedSubscription'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `already_paid`: What was asked to be paid is paid; nothing more was charged.
       *     - `autopay_setup_waits`: An AutoPay setup can still be approved, which would be another one or would pay the period itself.
       *     - `nothing_due`: The upgrade costs less than can be paid; change the plan, and nothing is charged.
       *     - `other_plan_running`: Another plan is paid for, and this one or this period can only begin when that has ended: change the plan.
       *     - `payment_under_review`: An earlier payment waits for Zelton's staff; paying again is possible after that.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `phonepe_refused`: PhonePe did not accept the payment; nothing was charged. PhonePe did not accept the refund; nothing was paid back. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again.
       *     - `phonepe_unknown`: PhonePe has not said whether the payment was started; ask again with the same Idempotency-Key. PhonePe has not said how the last payment stands, so no other takes its place; ask again.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_invoices_list: {
    parameters: {
      query?: {
        /** @description The pagination cursor value. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "next": null,
           *       "previous": null,
           *       "results": [
           *         {
           *           "id": 4,
           *           "kind": "tax_invoice",
           *           "number": "ZS/26-27/000123",
           *           "issued_on": "2026-04-10",
           *           "taxable_amount": "422.88",
           *           "cgst": "0.00",
           *           "sgst": "0.00",
           *           "igst": "76.12",
           *           "total": "499.00",
           *           "payment": 41,
           *           "credits": null
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PaginatedInvoiceList'];
        };
      };
      /** @description - `invalid`: A field is not what it must be; `errors` names it. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_invoices_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        invoice_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/pdf': string;
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_payments_list: {
    parameters: {
      query?: {
        /** @description The pagination cursor value. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "next": null,
           *       "previous": null,
           *       "results": [
           *         {
           *           "id": 41,
           *           "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *           "amount": "499.00",
           *           "status": "completed",
           *           "state": "COMPLETED",
           *           "under_review": false,
           *           "refunded_amount": "0.00",
           *           "payment_mode": "UPI_INTENT",
           *           "utr": "609912345678",
           *           "paid_at": "2026-04-10T06:30:20Z",
           *           "created_at": "2026-04-10T06:30:00Z",
           *           "refunds": [],
           *           "refundable_amount": "15000.00",
           *           "can_refund": false,
           *           "can_pay_again": false,
           *           "failure": null,
           *           "plan": "Starter",
           *           "period": "monthly",
           *           "purpose": "first",
           *           "kind": "payment",
           *           "goes_back": false
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PaginatedSubscriptionPaymentList'];
        };
      };
      /** @description - `invalid`: A field is not what it must be; `errors` names it. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_resume_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "status": "active",
           *       "plan": {
           *         "id": 1,
           *         "name": "Starter",
           *         "monthly_price": "499.00",
           *         "yearly_price": "4990.00",
           *         "max_units": 10,
           *         "features": [
           *           "Up to 10 units"
           *         ]
           *       },
           *       "period": "monthly",
           *       "current_period_start": "2026-04-10T06:30:00Z",
           *       "current_period_end": "2026-05-10T06:30:00Z",
           *       "paid_until": "2026-05-10T06:30:00Z",
           *       "cancel_at_period_end": false,
           *       "pending_change": null,
           *       "autopay": null,
           *       "amount_due": "0.00",
           *       "units_used": 4,
           *       "units_allowed": 10
           *     }
           */
          'application/json': components['schemas']['Subscription'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `no_subscription`: No subscription runs, or it is not in a state in which this can be done. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  owner_subscriptions_verify_payment_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        merchant_order_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "state": "COMPLETED",
           *       "under_review": false,
           *       "final": true,
           *       "payment": {
           *         "id": 41,
           *         "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *         "amount": "499.00",
           *         "status": "completed",
           *         "state": "COMPLETED",
           *         "under_review": false,
           *         "refunded_amount": "0.00",
           *         "payment_mode": "UPI_INTENT",
           *         "utr": "609912345678",
           *         "paid_at": "2026-04-10T06:30:20Z",
           *         "created_at": "2026-04-10T06:30:00Z",
           *         "refunds": [],
           *         "refundable_amount": "15000.00",
           *         "can_refund": false,
           *         "can_pay_again": false,
           *         "failure": null,
           *         "plan": "Starter",
           *         "period": "monthly",
           *         "purpose": "first",
           *         "kind": "payment",
           *         "goes_back": false
           *       }
           *     }
           */
          'application/json': components['schemas']['VerifiedSubscription'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_list: {
    parameters: {
      query?: {
        /** @description Made at this time or later; a day without a zone is India's, from its first moment on. 2026-11-27, or 2026-11-26T18:30:00Z. */
        created_from?: string;
        /** @description Made before this time, which is not itself included; a day without a zone is India's: 2026-11-28 is the end of the 27th. */
        created_to?: string;
        /** @description The pagination cursor value. */
        cursor?: string;
        /**
         * @description * `pending` - Pending
         *     * `completed` - Completed
         *     * `failed` - Failed
         *     * `cancelled` - Cancelled
         *     * `partially_refunded` - Partially Refunded
         *     * `refunded` - Refunded
         */
        status?: 'cancelled' | 'completed' | 'failed' | 'partially_refunded' | 'pending' | 'refunded';
        tenancy?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "next": null,
           *       "previous": null,
           *       "results": [
           *         {
           *           "id": 41,
           *           "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *           "amount": "15000.00",
           *           "status": "completed",
           *           "state": "COMPLETED",
           *           "under_review": false,
           *           "refunded_amount": "0.00",
           *           "payment_mode": "UPI_INTENT",
           *           "utr": "609912345678",
           *           "paid_at": "2026-04-10T06:30:20Z",
           *           "created_at": "2026-04-10T06:30:00Z",
           *           "refunds": [],
           *           "refundable_amount": "15000.00",
           *           "can_refund": false,
           *           "can_pay_again": false,
           *           "failure": null,
           *           "tenancy": 3,
           *           "property": "Lakeview House",
           *           "unit": "Flat 1",
           *           "payer": "Ravi Kumar",
           *           "months": [
           *             "2026-04"
           *           ]
           *         },
           *         {
           *           "id": 40,
           *           "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *           "amount": "15000.00",
           *           "status": "failed",
           *           "state": "FAILED",
           *           "under_review": false,
           *           "refunded_amount": "0.00",
           *           "payment_mode": "",
           *           "utr": "",
           *           "paid_at": null,
           *           "created_at": "2026-04-10T06:30:00Z",
           *           "refunds": [],
           *           "refundable_amount": "0.00",
           *           "can_refund": false,
           *           "can_pay_again": true,
           *           "failure": {
           *             "code": "INSUFFICIENT_BALANCE",
           *             "sentence": "There is not enough money in the account. Pay again from another account."
           *           },
           *           "tenancy": 3,
           *           "property": "Lakeview House",
           *           "unit": "Flat 1",
           *           "payer": "Ravi Kumar",
           *           "months": []
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PaginatedPaymentList'];
        };
      };
      /** @description - `invalid`: A field is not what it must be; `errors` names it. */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_refunds_receipt_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        merchant_refund_id: string;
        payment_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/pdf': string;
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_paid_back`: PhonePe has not paid the refund back yet, so there is no receipt of it. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 40,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "amount": "15000.00",
           *       "status": "failed",
           *       "state": "FAILED",
           *       "under_review": false,
           *       "refunded_amount": "0.00",
           *       "payment_mode": "",
           *       "utr": "",
           *       "paid_at": null,
           *       "created_at": "2026-04-10T06:30:00Z",
           *       "refunds": [],
           *       "refundable_amount": "0.00",
           *       "can_refund": false,
           *       "can_pay_again": true,
           *       "failure": {
           *         "code": "INSUFFICIENT_BALANCE",
           *         "sentence": "There is not enough money in the account. Pay again from another account."
           *       },
           *       "tenancy": 3,
           *       "property": "Lakeview House",
           *       "unit": "Flat 1",
           *       "payer": "Ravi Kumar",
           *       "months": []
           *     }
           */
          'application/json': components['schemas']['Payment'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_receipt_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/pdf': string;
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_paid`: The payment has not gone through, so there is no receipt of it. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_refund_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "amount": "5000.00",
         *       "reason": "Moved out early"
         *     }
         */
        'application/json': components['schemas']['AskRefundRequest'];
      };
    };
    responses: {
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "merchant_refund_id": "ZLR-8sJ2mWq0uXbT5kLrEzYcNw",
           *       "refund_id": "OMR2604101230000000001",
           *       "state": "PENDING",
           *       "amount": "5000.00"
           *     }
           */
          'application/json': components['schemas']['RefundAsked'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       *     - `refund_rest_too_small`: A part was asked back that would leave less than can ever be refunded.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `own_payment`: Whoever made a payment decides nothing about it; somebody else has to.
       *     - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard.
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `not_refundable`: The payment has not gone through.
       *     - `nothing_left_to_refund`: All of the payment, or all but a little, has been paid back.
       *     - `payment_disputed`: The payer disputes the payment with their bank, or has had it back from there.
       *     - `refund_not_approved`: The second person, whom a refund of this size takes, refused it; nothing was paid back.
       *     - `refund_running`: Another refund of the payment is under way.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `idempotency_key_reused`: The Idempotency-Key came before with another request.
       *     - `refund_above_rest`: More was asked back than is left of the payment.
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `phonepe_refused`: PhonePe did not accept the payment; nothing was charged. PhonePe did not accept the refund; nothing was paid back. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_handle_payment_callback_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg"
         *     }
         */
        'application/json': components['schemas']['CallbackRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "state": "PENDING"
           *     }
           */
          'application/json': components['schemas']['CalledBack'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_initiate_rent_payment_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "amount": "15000.00",
         *       "tenancy": 3,
         *       "channel": "redirect"
         *     }
         */
        'application/json': components['schemas']['StartRentPaymentRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "payment_id": 41,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "order_id": "OMO2604101200000000001",
           *       "state": "PENDING",
           *       "redirect_url": "https://mercury.example/pay/OMO2604101200000000001",
           *       "expire_at": "2026-04-10T06:50:00Z",
           *       "amount": "15000.00"
           *     }
           */
          'application/json': components['schemas']['Started'];
        };
      };
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "payment_id": 41,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "order_id": "OMO2604101200000000001",
           *       "state": "PENDING",
           *       "redirect_url": "https://mercury.example/pay/OMO2604101200000000001",
           *       "expire_at": "2026-04-10T06:50:00Z",
           *       "amount": "15000.00"
           *     }
           */
          'application/json': components['schemas']['Started'];
        };
      };
      /**
       * @description - `amount_above_due`: More rent was offered than is due.
       *     - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       *     - `rest_too_small`: A part was offered that would leave less due than can be paid.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `already_paid`: What was asked to be paid is paid; nothing more was charged.
       *     - `payment_under_review`: An earlier payment waits for Zelton's staff; paying again is possible after that.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `phonepe_refused`: PhonePe did not accept the payment; nothing was charged. PhonePe did not accept the refund; nothing was paid back. */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again.
       *     - `phonepe_unknown`: PhonePe has not said whether the payment was started; ask again with the same Idempotency-Key. PhonePe has not said how the last payment stands, so no other takes its place; ask again.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  payments_verify_payment_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        merchant_order_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "success": true,
           *       "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *       "state": "COMPLETED",
           *       "under_review": false,
           *       "final": true,
           *       "payment": {
           *         "id": 41,
           *         "merchant_order_id": "ZLT-2dBv0pGqQhW7nYxKc1TmAg",
           *         "amount": "15000.00",
           *         "status": "completed",
           *         "state": "COMPLETED",
           *         "under_review": false,
           *         "refunded_amount": "0.00",
           *         "payment_mode": "UPI_INTENT",
           *         "utr": "609912345678",
           *         "paid_at": "2026-04-10T06:30:20Z",
           *         "created_at": "2026-04-10T06:30:00Z",
           *         "refunds": [],
           *         "refundable_amount": "15000.00",
           *         "can_refund": false,
           *         "can_pay_again": false,
           *         "failure": null,
           *         "tenancy": 3,
           *         "property": "Lakeview House",
           *         "unit": "Flat 1",
           *         "payer": "Ravi Kumar",
           *         "months": [
           *           "2026-04"
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['Verified'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  pricing_plans_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example [
           *       {
           *         "id": 1,
           *         "name": "Starter",
           *         "monthly_price": "499.00",
           *         "yearly_price": "4990.00",
           *         "max_units": 10,
           *         "features": [
           *           "Up to 10 units"
           *         ]
           *       }
           *     ]
           */
          'application/json': components['schemas']['PricingPlan'][];
        };
      };
      /** @description - `authentication_failed`: The token is not valid, or not any more. */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  properties_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example [
           *       {
           *         "id": 2,
           *         "name": "Lakeview House",
           *         "address": "12 Lake Road, Pune"
           *       }
           *     ]
           */
          'application/json': components['schemas']['Property'][];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  properties_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "name": "Lakeview House",
         *       "address": "12 Lake Road, Pune"
         *     }
         */
        'application/json': components['schemas']['PropertyRequest'];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 2,
           *       "name": "Lakeview House",
           *       "address": "12 Lake Road, Pune"
           *     }
           */
          'application/json': components['schemas']['Property'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `still_running`: Somebody is doing just this at the moment. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  properties_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 2,
           *       "name": "Lakeview House",
           *       "address": "12 Lake Road, Pune"
           *     }
           */
          'application/json': components['schemas']['Property'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  properties_destroy: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `has_past`: What was let or has units is not deleted: its payments, receipts and statements go on naming it. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  properties_partial_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "name": "Lakeview House"
         *     }
         */
        'application/json': components['schemas']['PatchedPropertyRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 2,
           *       "name": "Lakeview House",
           *       "address": "12 Lake Road, Pune"
           *     }
           */
          'application/json': components['schemas']['Property'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  statements_retrieve: {
    parameters: {
      query: {
        /** @description Left out: what `Accept` asks for. */
        format?: 'csv' | 'json' | 'pdf';
        /** @description First day, inclusive, of the Indian calendar. */
        from: string;
        /** @description For staff: the owner whose statement is wanted. */
        owner?: number;
        /** @description Narrows a tenant's statement to one tenancy. Staff name a tenancy or an owner. */
        tenancy?: number;
        /** @description Last day, inclusive; at most 400 days in all. */
        to: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "from": "2026-04-01",
           *       "to": "2026-04-30",
           *       "subject": "tenancy",
           *       "name": "Ravi Kumar",
           *       "units": [
           *         "Lakeview House, Flat 1"
           *       ],
           *       "opening_balance": "0.00",
           *       "movements": [
           *         {
           *           "date": "2026-04-01",
           *           "kind": "charge",
           *           "description": "Rent for April 2026",
           *           "reference": "2026-04",
           *           "tenancy": 3,
           *           "amount": "15000.00",
           *           "balance": "15000.00"
           *         }
           *       ],
           *       "totals": {
           *         "charges": "15000.00",
           *         "reversals": "0.00",
           *         "payments": "0.00",
           *         "refunds": "0.00",
           *         "other": "0.00"
           *       },
           *       "closing_balance": "15000.00"
           *     }
           */
          'application/json': components['schemas']['Statement'];
          'text/csv': string;
          'application/pdf': string;
        };
      };
      /**
       * @description - `invalid`: A field is not what it must be; `errors` names it.
       *     - `too_long_for_pdf`: A statement has more movements than a PDF holds; CSV holds any number.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again.
       *     - `documents_busy`: Other long documents are being drawn; ask again.
       */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  tenancies_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example [
           *       {
           *         "id": 3,
           *         "unit_id": 5,
           *         "unit": "Flat 1",
           *         "property": "Lakeview House",
           *         "tenant": "Ravi Kumar",
           *         "monthly_rent": "15000.00",
           *         "due_day": 5,
           *         "starts_on": "2026-04-01",
           *         "ends_on": null,
           *         "outstanding": "15000.00",
           *         "next_due_date": "2026-04-05",
           *         "has_signed_up": false
           *       }
           *     ]
           */
          'application/json': components['schemas']['Tenancy'][];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  tenancies_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "unit": 5,
         *       "tenant": {
         *         "name": "Ravi Kumar",
         *         "phone": "+91 98765 43210",
         *         "email": "ravi@example.org"
         *       },
         *       "monthly_rent": "15000.00",
         *       "due_day": 5,
         *       "starts_on": "2026-04-01"
         *     }
         */
        'application/json': components['schemas']['NewTenancyRequest'];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 3,
           *       "unit_id": 5,
           *       "unit": "Flat 1",
           *       "property": "Lakeview House",
           *       "tenant": "Ravi Kumar",
           *       "monthly_rent": "15000.00",
           *       "due_day": 5,
           *       "starts_on": "2026-04-01",
           *       "ends_on": null,
           *       "outstanding": "15000.00",
           *       "next_due_date": "2026-04-05",
           *       "has_signed_up": false,
           *       "invitation": {
           *         "mailed_to": "ravi@example.org",
           *         "link": ""
           *       }
           *     }
           */
          'application/json': components['schemas']['Let'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `already_let`: The unit is let to somebody in that time.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  tenancies_end_create: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "ends_on": "2026-09-30"
         *     }
         */
        'application/json': components['schemas']['EndTenancyRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 3,
           *       "unit_id": 5,
           *       "unit": "Flat 1",
           *       "property": "Lakeview House",
           *       "tenant": "Ravi Kumar",
           *       "monthly_rent": "15000.00",
           *       "due_day": 5,
           *       "starts_on": "2026-04-01",
           *       "ends_on": "2026-09-30",
           *       "outstanding": "0.00",
           *       "next_due_date": null,
           *       "has_signed_up": false
           *     }
           */
          'application/json': components['schemas']['Tenancy'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `already_let`: The unit is let to somebody in that time. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  tenancies_invite_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "mailed_to": "ravi@example.org",
           *       "link": ""
           *     }
           */
          'application/json': components['schemas']['Invitation'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `not_invitable`: The tenant has a password already, or is for somebody else to invite; the sentence says which.
       *     - `still_running`: Somebody is doing just this at the moment.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  units_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example [
           *       {
           *         "id": 5,
           *         "property": 2,
           *         "name": "Flat 1"
           *       }
           *     ]
           */
          'application/json': components['schemas']['Unit'][];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  units_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Any string up to 255 characters; the same key and body within 24 hours has one effect. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "property": 2,
         *       "name": "Flat 1"
         *     }
         */
        'application/json': components['schemas']['NewUnitRequest'];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 5,
           *       "property": 2,
           *       "name": "Flat 1"
           *     }
           */
          'application/json': components['schemas']['Unit'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `still_running`: Somebody is doing just this at the moment.
       *     - `unit_limit`: The owner's plan has no more units.
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `idempotency_key_reused`: The Idempotency-Key came before with another request. */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  units_retrieve: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 5,
           *       "property": 2,
           *       "name": "Flat 1"
           *     }
           */
          'application/json': components['schemas']['Unit'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  units_destroy: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `has_past`: What was let or has units is not deleted: its payments, receipts and statements go on naming it. */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  units_partial_update: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        /**
         * @example {
         *       "name": "Flat 1"
         *     }
         */
        'application/json': components['schemas']['PatchedUnitRequest'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 5,
           *       "property": 2,
           *       "name": "Flat 1"
           *     }
           */
          'application/json': components['schemas']['Unit'];
        };
      };
      /**
       * @description - `bad_request`: The request cannot be understood.
       *     - `invalid`: A field is not what it must be; `errors` names it.
       *     - `parse_error`: The body is not a JSON object.
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description - `authentication_failed`: The token is not valid, or not any more.
       *     - `not_authenticated`: No token came with the request.
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `permission_denied`: This is for somebody else to do. Staff lack the permission that this takes. Whoever asks is neither a tenant nor an owner, and may not see those of others. Only tenants and owners have a dashboard. */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_found`: There is nothing here of that name, or not for the asker to see. */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `not_acceptable`: `Accept` asks for what the address does not have. */
      406: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `unsupported_media_type`: The body is not sent as JSON. */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `throttled`: Too many requests; `Retry-After` says how many seconds to wait. */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `server_error`: A defect on our side. */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description - `busy`: The database did not answer in time, and nothing was done; `Retry-After` says when to try again. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
