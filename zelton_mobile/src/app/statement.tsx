export { StatementScreen as default } from '@/screens/StatementScreen';
