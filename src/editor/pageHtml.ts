export interface PageHtmlOptions {
  readonly script: string;
  readonly style: string;
  /** The webview's own `cspSource`. */
  readonly cspSource: string;
  readonly nonce: string;
  readonly title: string;
  readonly language: string;
}

/** The document of the timeline page: one script, one style sheet, nothing from anywhere else. */
export function pageHtml(options: PageHtmlOptions): string {
  const { cspSource, nonce } = options;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    // Inline style attributes carry the place of tooltips and lanes; style elements need the nonce.
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `style-src-attr 'unsafe-inline'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(options.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(options.title)}</title>
<link rel="stylesheet" href="${escapeHtml(options.style)}" nonce="${nonce}">
</head>
<body>
<div id="app"></div>
<script src="${escapeHtml(options.script)}" nonce="${nonce}"></script>
</body>
</html>`;
}

/** 128 random bits as hexadecimal digits. */
export function makeNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
