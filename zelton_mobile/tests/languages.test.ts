import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { en } from '@/i18n/en';
import { hi } from '@/i18n/hi';

type Tree = { readonly [name: string]: string | Tree };

const texts = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`${path}${name}`, value] as [string, string]] : texts(value, `${path}${name}.`),
  );
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{\w+\}\}/g)].map(([all]) => all).sort();
const english = new Map(texts(en));
const hindi = new Map(texts(hi));

it('says in Hindi all that it says in English, with the same values in it', () => {
  for (const [key, text] of english) {
    expect([key, placeholders(hindi.get(key) ?? '')]).toEqual([key, placeholders(text)]);
    expect(hindi.get(key)?.trim()).toBeTruthy();
  }
});

it('says it in Devanagari, but for names', () => {
  const latin = [...hindi].filter(([, text]) => !/[\u0900-\u097F]/.test(text)).map(([key]) => key);
  expect(latin).toEqual(['pay.cardHint', 'facts.utr']);
});

it('says in Hindi whatever an operation can refuse', () => {
  const guide = readFileSync(join(__dirname, '../../docs/api_guide.md'), 'utf8');
  const table = guide.slice(guide.indexOf('<!-- error catalogue: begin'), guide.indexOf('<!-- error catalogue: end'));
  const lines = [...table.matchAll(/^\| \d{3} \| `(\w+)` \|.*\| ([^|]*) \| ([^|]+) \|$/gm)];
  const met = lines.filter(([, , , where]) => where !== 'other addresses, the admin, commands').map(([, code]) => code);
  expect(met.length).toBeGreaterThan(40);
  expect(met.filter((code) => !hindi.get(`problems.${code}`))).toEqual([]);
  const told = lines
    .filter(([, , figures]) => figures?.trim())
    .map(([, code, figures = '']) => [code, [...figures.matchAll(/\w+/g)].map(String)]);
  const used = [...hindi].filter(([key]) => key.startsWith('figures.'));
  expect(used.map(([key, text]) => [key.slice('figures.'.length), placeholders(text)]).sort()).toEqual(
    told.map(([code, names]) => [code, [...(names ?? [])].map((name) => `{{${name}}}`).sort()]).sort(),
  );
});

it('is locked without the address of any registry', () => {
  const lock = readFileSync(join(__dirname, '../package-lock.json'), 'utf8');
  expect(lock).not.toMatch(/"resolved": "https?:/);
});
