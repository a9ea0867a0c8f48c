import { Tabs } from 'expo-router';
import { useTranslation } from 'react-i18next';
import { useWindowDimensions } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';

import { useSession } from '@/services/session';
import { Icon, useColors } from '@/ui';
import type { IconName } from '@/ui/Icon';
import { textSize, useTextScale } from '@/ui/theme';

const BAR = 64;
const LABEL = 12;
/** A tab's name is one word: in large text it is set smaller rather than cut off. */
const LABELS_OF_WIDTH = 32;

export default function TabsLayout() {
  const { t } = useTranslation();
  const colors = useColors();
  const insets = useSafeAreaInsets();
  const { width } = useWindowDimensions();
  const scale = useTextScale();
  const fontSize = Math.min(LABEL, width / LABELS_OF_WIDTH / scale);
  const isOwner = useSession().user?.role === 'owner';
  const tab = (title: string, icon: IconName) => ({
    title,
    tabBarAccessibilityLabel: title,
    tabBarIcon: ({ focused }: { focused: boolean }) => (
      <Icon name={icon} color={focused ? colors.accent : colors.muted} />
    ),
  });
  return (
    <Tabs
      screenOptions={{
        tabBarActiveTintColor: colors.accent,
        tabBarInactiveTintColor: colors.muted,
        tabBarStyle: { backgroundColor: colors.card, borderTopColor: colors.line, height: BAR + insets.bottom },
        tabBarLabelStyle: { fontSize: textSize(fontSize), lineHeight: textSize(fontSize * 1.5) },
        headerShown: false,
      }}
    >
      <Tabs.Screen name="index" options={tab(t('tabs.home'), 'home')} />
      <Tabs.Screen name="payments" options={tab(t('tabs.payments'), 'list')} />
      <Tabs.Protected guard={isOwner}>
        <Tabs.Screen name="properties" options={tab(t('tabs.properties'), 'building')} />
        <Tabs.Screen name="subscription" options={tab(t('tabs.subscription'), 'star')} />
      </Tabs.Protected>
      <Tabs.Screen name="account" options={tab(t('tabs.account'), 'person')} />
    </Tabs>
  );
}
