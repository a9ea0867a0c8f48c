/**
 * Expo config plugin for react-native-phonepe-pg, which brings none: what PhonePe's documentation asks to change by hand
 * in the native projects ("Integrate React Native SDK": Info.plist, AppDelegate, Gradle), written by `expo prebuild`.
 *
 * Options:
 * - `urlScheme`: by which UPI apps lead back to this app on iOS. Starts with a letter; letters, digits, dots, hyphens.
 * - `queriesSchemes`: more URL schemes of iOS apps to look for.
 * - `androidPackages`: more Android packages to look for.
 */
const {
  createRunOncePlugin,
  withAndroidManifest,
  withAppDelegate,
  withInfoPlist,
  withProjectBuildGradle,
} = require('expo/config-plugins');

const MAVEN = 'https://phonepe.mycloudrepo.io/public/repositories/phonepe-intentsdk-android';
/** The apps that PhonePe's SDK can hand a payment to on iOS, as its documentation lists them. */
const QUERIES_SCHEMES = [
  'ppemerchantsdkv1',
  'ppemerchantsdkv2',
  'ppemerchantsdkv3',
  'ppemerchantsdkv4',
  'ppemerchantsdkv5',
  'paytmmp',
  'gpay',
];
const URL_SCHEME = /^[A-Za-z][A-Za-z0-9.-]*$/;
const NOTIFICATION = 'ApplicationOpenURLNotification';
const OPEN_URL = /(open url: URL,\s*options: \[UIApplication\.OpenURLOptionsKey: Any\][^{]*\{\n)/;

function withPhonePe(config, { urlScheme, queriesSchemes = [], androidPackages = [] } = {}) {
  if (!URL_SCHEME.test(urlScheme ?? '')) {
    throw new Error(
      `withPhonePe: "urlScheme" must begin with a letter and have letters, digits, dots and hyphens only, not ${JSON.stringify(urlScheme)}.`,
    );
  }
  config = withInfoPlist(config, (plist) => {
    plist.modResults = addToPlist(plist.modResults, urlScheme, [...QUERIES_SCHEMES, ...queriesSchemes]);
    return plist;
  });
  config = withAppDelegate(config, (delegate) => {
    delegate.modResults.contents = postOpenedUrl(delegate.modResults.contents, delegate.modResults.language);
    return delegate;
  });
  config = withProjectBuildGradle(config, (gradle) => {
    gradle.modResults.contents = addMavenRepository(gradle.modResults.contents);
    return gradle;
  });
  return withAndroidManifest(config, (manifest) => {
    manifest.modResults = addQueries(manifest.modResults, androidPackages);
    return manifest;
  });
}

function addToPlist(plist, urlScheme, queriesSchemes) {
  const queries = new Set([...(plist.LSApplicationQueriesSchemes ?? []), ...queriesSchemes]);
  const types = plist.CFBundleURLTypes ?? [];
  const isKnown = types.some((type) => type.CFBundleURLSchemes.includes(urlScheme));
  return {
    ...plist,
    LSApplicationQueriesSchemes: [...queries],
    CFBundleURLTypes: isKnown ? types : [...types, { CFBundleURLSchemes: [urlScheme] }],
  };
}

/** The SDK hears of the way back from a UPI app by a notification alone. */
function postOpenedUrl(contents, language) {
  if (contents.includes(NOTIFICATION)) return contents;
  if (language !== 'swift' || !OPEN_URL.test(contents)) {
    throw new Error(
      'withPhonePe: AppDelegate has no application(_:open:options:) in Swift to post the opened URL from.',
    );
  }
  const post = `    NotificationCenter.default.post(
      name: Notification.Name("${NOTIFICATION}"), object: nil, userInfo: ["options": options, "openUrl": url])
`;
  return contents.replace(OPEN_URL, `$1${post}`);
}

function addMavenRepository(contents) {
  if (contents.includes(MAVEN)) return contents;
  const allProjects = /(allprojects\s*\{\s*repositories\s*\{\n)/;
  if (!allProjects.test(contents))
    throw new Error('withPhonePe: build.gradle has no allprojects { repositories { … } }.');
  return contents.replace(allProjects, `$1    maven { url "${MAVEN}" }\n`);
}

/** Since Android 11 an app sees no other app that it does not name; UPI apps are those that open upi: addresses. */
function addQueries(manifest, packages) {
  const [queries = {}, ...more] = manifest.manifest.queries ?? [];
  const intents = queries.intent ?? [];
  const isKnown = intents.some((intent) => intent.data?.some((data) => data.$?.['android:scheme'] === 'upi'));
  const upi = {
    action: [{ $: { 'android:name': 'android.intent.action.VIEW' } }],
    data: [{ $: { 'android:scheme': 'upi' } }],
  };
  const named = new Set((queries.package ?? []).map((item) => item.$['android:name']));
  const added = packages.filter((name) => !named.has(name)).map((name) => ({ $: { 'android:name': name } }));
  const merged = {
    ...queries,
    intent: isKnown ? intents : [...intents, upi],
    ...(added.length > 0 ? { package: [...(queries.package ?? []), ...added] } : {}),
  };
  manifest.manifest.queries = [merged, ...more];
  return manifest;
}

module.exports = createRunOncePlugin(withPhonePe, 'with-phonepe', '1.0.0');
