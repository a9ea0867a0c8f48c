type Plugin = (config: object, options?: object) => object;

const withPhonePe = jest.requireActual<Plugin>('../plugins/withPhonePe');
const config = { name: 'An app', slug: 'an-app' };

it.each([undefined, '', '1app', 'my_app', 'my app'])('refuses the URL scheme %s', (urlScheme) => {
  expect(() => withPhonePe({ ...config }, { urlScheme })).toThrow(/"urlScheme" must begin with a letter/);
});

it('changes each of the four files that PhonePe’s documentation names', () => {
  const { mods } = withPhonePe({ ...config }, { urlScheme: 'my.app-2' }) as { mods: Record<string, object> };
  expect(Object.keys(mods.ios ?? {}).sort()).toEqual(['appDelegate', 'infoPlist']);
  expect(Object.keys(mods.android ?? {}).sort()).toEqual(['manifest', 'projectBuildGradle']);
});
