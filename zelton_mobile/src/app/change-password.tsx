export { ChangePasswordScreen as default } from '@/screens/ChangePasswordScreen';
