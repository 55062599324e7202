import assert from 'node:assert/strict';
import { makeNonce, pageHtml } from '../../../src/editor/pageHtml.ts';

describe('the document of the timeline page', () => {
  const html = pageHtml({
    script: 'https://page/timeline.js',
    style: 'https://page/timeline.css',
    cspSource: 'https://page',
    nonce: 'abc',
    title: '<script>alert("x")</script>',
    language: 'en',
  });

  it('lets only its own script run', () => {
    assert.match(html, /default-src &#39;none&#39;/);
    assert.match(html, /script-src &#39;nonce-abc&#39;;/);
    assert.doesNotMatch(html, /unsafe-eval|script-src[^;]*unsafe-inline/);
  });

  it('shows a title as text', () => assert.equal(html.match(/<script/g)?.length, 1));

  it('has a fresh nonce each time', () => {
    assert.match(makeNonce(), /^[0-9a-f]{32}$/);
    assert.notEqual(makeNonce(), makeNonce());
  });
});
