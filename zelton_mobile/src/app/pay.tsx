export { TenantPaymentScreen as default } from '@/screens/TenantPaymentScreen';
