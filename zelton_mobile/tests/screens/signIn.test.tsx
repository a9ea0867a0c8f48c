import { fireEvent, screen, waitFor } from '@testing-library/react-native';
import { router } from 'expo-router';

import { ChangePasswordScreen } from '@/screens/ChangePasswordScreen';
import { ChoosePasswordScreen } from '@/screens/ChoosePasswordScreen';
import { ForgotPasswordScreen } from '@/screens/ForgotPasswordScreen';
import { SignInScreen } from '@/screens/SignInScreen';
import { credentials } from '@/services/api';
import { secrets } from '@/services/storage/secrets';

import { FakeApi, html, noNetwork, refusal } from '../fakeApi';
import { loggedIn, problem, tenant } from '../recorded';
import { show } from '../screen';

const LOGIN = 'POST /api/auth/login/';
let api: FakeApi;
beforeEach(() => {
  api = new FakeApi();
});

describe('signing in', () => {
  const signIn = (): void => {
    fireEvent.changeText(screen.getByLabelText('User name, e-mail or phone'), ' ravi ');
    fireEvent.changeText(screen.getByLabelText('Password'), 'demo-Keys-2026');
    fireEvent.press(screen.getByRole('button', { name: 'Sign in' }));
  };

  it('sends what was typed, and keeps the token where the phone keeps secrets', async () => {
    api.on(LOGIN, loggedIn);
    await show(<SignInScreen />, null);
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
    signIn();
    await waitFor(() => expect(credentials.token()).toBe(loggedIn.token));
    expect(api.to(LOGIN)[0]?.body).toEqual({ username: 'ravi', password: 'demo-Keys-2026' });
    expect(JSON.parse((await secrets.read('session')) ?? '')).toMatchObject({ token: loggedIn.token, user: tenant });
  });

  it.each([
    [
      'a wrong password',
      () => refusal(problem(401, 'wrong_credentials', 'The password is wrong.')),
      'The password is wrong.',
    ],
    ['no network', noNetwork, /cannot reach Zelton/],
    ['a captive portal', () => html(), /Wi-Fi asks you to sign in/],
  ])('says what to do about %s', async (_, answer, sentence) => {
    api.on(LOGIN, answer);
    await show(<SignInScreen />, null);
    signIn();
    expect(await screen.findByText(sentence)).toBeVisible();
    expect(credentials.token()).toBeNull();
  });
});

describe('a forgotten password', () => {
  it('says the same whether the address is known or not', async () => {
    api.on('POST /api/auth/password-reset/', { success: true, detail: 'Sent.' });
    await show(<ForgotPasswordScreen />, null);
    fireEvent.changeText(screen.getByLabelText('E-mail'), 'ravi@example.org');
    fireEvent.press(screen.getByRole('button', { name: 'Send the link' }));
    expect(await screen.findByText(/If we know this address/)).toBeVisible();
  });

  it('is chosen anew with the token of the mail', async () => {
    const CONFIRM = 'POST /api/auth/password-reset/confirm/';
    api.on(CONFIRM, () => refusal(problem(400, 'invalid', 'This password is too common.')), { success: true });
    await show(<ChoosePasswordScreen token="from-the-mail" />, null);
    fireEvent.changeText(screen.getByLabelText('New password'), 'a-good-one-26');
    fireEvent.changeText(screen.getByLabelText('New password again'), 'a-good-one-27');
    expect(screen.getByText('The two are not the same.')).toBeVisible();
    fireEvent.changeText(screen.getByLabelText('New password again'), 'a-good-one-26');
    fireEvent.press(screen.getByRole('button', { name: 'Save password' }));
    expect(await screen.findByText('This password is too common.')).toBeVisible();
    fireEvent.press(screen.getByRole('button', { name: 'Save password' }));
    fireEvent.press(await screen.findByRole('button', { name: 'Sign in' }));
    expect(api.to(CONFIRM)[1]?.body).toEqual({ token: 'from-the-mail', password: 'a-good-one-26' });
    expect(router.replace).toHaveBeenCalledWith('/sign-in');
  });
});

describe('a link that is dead', () => {
  const dead = () => refusal(problem(400, 'token_not_valid', 'This link is not valid any more.'));

  it.each([null, tenant])('says so and leads to a new one, whoever is signed in', async (user) => {
    api.on('POST /api/auth/password-reset/confirm/', dead);
    await show(<ChoosePasswordScreen token="used-already" />, user);
    fireEvent.changeText(screen.getByLabelText('New password'), 'a-good-one-26');
    fireEvent.changeText(screen.getByLabelText('New password again'), 'a-good-one-26');
    fireEvent.press(screen.getByRole('button', { name: 'Save password' }));
    expect(await screen.findByText('This link is not valid any more.')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Save password' })).toBeNull();
    fireEvent.press(screen.getByRole('button', { name: 'Ask for a new link' }));
    expect(router.replace).toHaveBeenLastCalledWith('/forgot-password');
  });

  it('is not asked for a password when it was cut off', async () => {
    await show(<ChoosePasswordScreen token="" />, null);
    expect(screen.getByText(/The link is incomplete/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Ask for a new link' })).toBeVisible();
  });

  it('leads who is signed in back home, and knows their address', async () => {
    await show(<ForgotPasswordScreen />, tenant);
    expect(screen.getByDisplayValue(tenant.email)).toBeVisible();
    fireEvent.press(screen.getByRole('button', { name: 'Back to home' }));
    expect(router.replace).toHaveBeenLastCalledWith('/');
  });
});

it('signs out after the password was changed, as the API does', async () => {
  api.on('POST /api/auth/change-password/', () => new Response(null, { status: 204 }));
  await show(<ChangePasswordScreen />, tenant);
  fireEvent.changeText(screen.getByLabelText('Current password'), 'old');
  fireEvent.changeText(screen.getByLabelText('New password'), 'a-good-one-26');
  fireEvent.changeText(screen.getByLabelText('New password again'), 'a-good-one-26');
  fireEvent.press(screen.getByRole('button', { name: 'Save password' }));
  expect(await screen.findByText('signed out')).toBeVisible();
  expect(credentials.token()).toBeNull();
});
