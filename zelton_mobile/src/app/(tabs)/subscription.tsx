export { SubscriptionScreen as default } from '@/screens/SubscriptionScreen';
