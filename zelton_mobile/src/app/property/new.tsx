export { NewPropertyScreen as default } from '@/screens/PropertyFormScreen';
