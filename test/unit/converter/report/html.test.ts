import { expect, test } from 'vitest';
import { escapeText, html } from '../../../../converter/report/html.ts';

test('values are escaped in elements and in attributes, markup is not', () => {
  const name = `<img src=x onerror="alert('1')">&`;
  const escaped = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;';
  expect(html`<p title="${name}">${name}</p>`.markup).toBe(`<p title="${escaped}">${escaped}</p>`);
  expect(html`<ul>${[name, 'b'].map((item) => html`<li>${item}</li>`)}</ul>`.markup).toBe(
    `<ul><li>${escaped}</li><li>b</li></ul>`,
  );
});

test('a missing value leaves nothing, zero does', () => {
  expect(html`<td>${undefined}</td><td>${0}</td>`.markup).toBe('<td></td><td>0</td>');
});

test('characters that no page may hold are replaced', () => {
  expect(escapeText('a\u0000b\u001bc\td\n')).toBe('a\ufffdb\ufffdc\td\n');
});
