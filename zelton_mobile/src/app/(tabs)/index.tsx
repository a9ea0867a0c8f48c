import { OwnerHomeScreen } from '@/screens/OwnerHomeScreen';
import { TenantHomeScreen } from '@/screens/TenantHomeScreen';
import { useUser } from '@/services/session';

export default function Home() {
  return useUser().role === 'owner' ? <OwnerHomeScreen /> : <TenantHomeScreen />;
}
