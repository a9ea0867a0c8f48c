export { PropertiesScreen as default } from '@/screens/PropertiesScreen';
