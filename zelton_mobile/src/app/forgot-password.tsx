export { ForgotPasswordScreen as default } from '@/screens/ForgotPasswordScreen';
