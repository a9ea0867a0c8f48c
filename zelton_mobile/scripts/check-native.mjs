// Makes the native projects in a temporary folder and looks for what PhonePe's SDK needs in them. Needs no network.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const app = join(dirname(fileURLToPath(import.meta.url)), '..');
const copy = mkdtempSync(join(tmpdir(), 'zelton-native-'));
const wanted = {
  'ios/Zelton/Info.plist': [
    '<string>zelton</string>',
    '<key>LSApplicationQueriesSchemes</key>',
    '<string>ppemerchantsdkv3</string>',
    '<string>gpay</string>',
    '<string>paytmmp</string>',
  ],
  'ios/Zelton/AppDelegate.swift': ['ApplicationOpenURLNotification', '"openUrl": url'],
  'android/build.gradle': ['phonepe-intentsdk-android'],
  'android/app/src/main/AndroidManifest.xml': [
    'android:scheme="upi"',
    'android:scheme="zelton"',
    'android:allowBackup="false"',
  ],
};

try {
  for (const name of ['package.json', 'app.json', 'tsconfig.json', 'plugins', 'assets', 'src']) {
    cpSync(join(app, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(app, 'node_modules'), join(copy, 'node_modules'));
  const template = join(app, 'node_modules/expo/template.tgz');
  const prebuild = () =>
    execFileSync('npx', ['expo', 'prebuild', '--no-install', '--template', template], {
      cwd: copy,
      env: { ...process.env, CI: '1', EXPO_NO_TELEMETRY: '1', EXPO_OFFLINE: '1', EXPO_NO_GIT_STATUS: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  prebuild();
  const once = Object.keys(wanted).map((file) => readFileSync(join(copy, file), 'utf8'));
  prebuild(); // a second run over its own work must change nothing
  const missing = Object.entries(wanted).flatMap(([file, texts], index) => {
    const content = readFileSync(join(copy, file), 'utf8');
    const changed = content === once[index] ? [] : [`${file}: a second prebuild changes it`];
    return [...texts.filter((text) => !content.includes(text)).map((text) => `${file}: no ${text}`), ...changed];
  });
  if (missing.length > 0) {
    console.error(missing.join('\n'));
    process.exitCode = 1;
  } else {
    console.log('The native projects have URL schemes, queries, PhonePe’s repository and its notification.');
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
