import assert from 'node:assert/strict';
import { htmlReport } from '../../../src/export/htmlReport.ts';
import { runInNewContext } from 'node:vm';

function report(overrides: Partial<Parameters<typeof htmlReport>[0]> = {}): string {
  return htmlReport({ bytes: new Uint8Array(0), title: 'a.ts', pageScript: '', pageStyle: '', ...overrides });
}

/** The contents of the script elements as an HTML parser finds them: each ends at the first end tag. */
function scripts(html: string): string[] {
  return [...html.matchAll(/<script nonce="[^"]*">([\s\S]*?)<\/script/gi)].map(([, text]) => text ?? '');
}

describe('HTML report', () => {
  it('hands the page its trace before the page starts', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256);
    const globals: { interleaveReport?: { title: string; bytes: string }; seen?: string } = {};
    for (const script of scripts(report({ bytes, title: 'über "a".ts', pageScript: 'seen = interleaveReport.title' }))) {
      runInNewContext(script, globals);
    }
    assert.equal(globals.seen, 'über "a".ts');
    assert.deepEqual(Buffer.from(globals.interleaveReport?.bytes ?? '', 'base64'), Buffer.from(bytes));
  });

  it('keeps every part within its element, whatever is in it', () => {
    const nasty = '</script><script>alert(1)</script><!-- <script>';
    const globals: Record<string, unknown> = {};
    const html = report({
      title: `</title>${nasty}`,
      pageScript: `text = ${JSON.stringify(nasty)}; pattern = /<!--|<\\/script>/u.test("<!--");`,
      pageStyle: 'a::after { content: "</style><script>alert(2)</script>" }',
    });
    const parts = scripts(html);
    assert.equal(parts.length, 2);
    for (const script of parts) runInNewContext(script, globals);
    assert.equal(globals['text'], nasty);
    assert.equal(globals['pattern'], true);
    assert.equal((globals['interleaveReport'] as { title: string }).title, `</title>${nasty}`);
    assert.equal(html.match(/<\/style/g)?.length, 1);
    assert.equal(html.slice(0, html.indexOf('<style')).match(/<\/title/g)?.length, 1);
    assert.ok(!html.includes('<!--'));
  });

  it('loads nothing and lets nothing run but its own two scripts', () => {
    const html = report({ nonce: 'abc123' });
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    assert.equal(
      policy,
      "default-src 'none'; script-src 'nonce-abc123'; style-src 'nonce-abc123'; style-src-attr 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
    );
    assert.doesNotMatch(html, /\b(?:src|href)=|https?:/);
    const mapped = report({
      pageScript: 'a();\n//# sourceMappingURL=a.js.map\n',
      pageStyle: 'b {}\n/*# sourceMappingURL=b.css.map */\n',
    });
    assert.ok(mapped.includes('a();') && mapped.includes('b {}') && !mapped.includes('sourceMappingURL'));
    assert.notEqual(report(), report(), 'the nonce is another one each time');
    assert.throws(() => report({ nonce: '"><script>' }));
  });
});
