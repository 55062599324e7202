import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const read = (name: string) => readFileSync(resolve(root, name), 'utf8');
const manifest = read('package.json');
const { contributes, icon, activationEvents } = JSON.parse(manifest) as {
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>>;
    };
  };
};

describe('what the manifest contributes', () => {
  it('has a text for every name, and no text without one', () => {
    const used = new Set([...manifest.matchAll(/"%([\w.-]+)%"/g)].map(([, name]) => name));
    assert.deepEqual([...used].sort(), Object.keys(JSON.parse(read('package.nls.json')) as object).sort());
  });

  it('names files that are there', () => {
    const files = [...manifest.matchAll(/"(?:\.\/)?((?:media|syntaxes)\/[^"*]+\.\w+)"/g)].map(([, name]) => name ?? '');
    assert.ok(files.length > 8, files.join(' '));
    assert.deepEqual(
      [...files, icon].filter((name) => !existsSync(resolve(root, name))),
      [],
    );
  });

  it('has a setting for every rule that has a page', () => {
    const pages = readdirSync(resolve(root, 'media/rules')).map((name) => name.replace(/\.md$/, ''));
    const rules = contributes.configuration.properties['interleave.lint.rules']?.properties ?? {};
    assert.deepEqual(Object.keys(rules).sort(), pages.sort());
  });

  it('registers the commands it names', () => {
    const registered = [...read('src/editor/commands.ts').matchAll(/^ {4}(?:async )?(\w+)(?:\(|:)/gm)].map(
      ([, name]) => `interleave.${name}`,
    );
    assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), registered.sort());
  });

  it('does not wake it for everything', () =>
    assert.ok(!activationEvents.some((event) => event === '*' || event === 'onStartupFinished')));
});
