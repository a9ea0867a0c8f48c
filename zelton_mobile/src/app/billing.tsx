export { BillingScreen as default } from '@/screens/BillingScreen';
