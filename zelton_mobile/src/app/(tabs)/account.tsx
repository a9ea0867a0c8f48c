export { AccountScreen as default } from '@/screens/AccountScreen';
