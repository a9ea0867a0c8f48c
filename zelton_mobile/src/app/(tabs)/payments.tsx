export { PaymentsScreen as default } from '@/screens/PaymentsScreen';
