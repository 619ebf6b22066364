import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ResedgeError } from '../../errors.ts';
import { oneLine } from '../../runtime/explain.ts';
import { readText } from '../files.ts';
import { ownAddresses, ownNames } from './own-names.ts';

/** A certificate and its key, as PEM. */
export type Certificate = { readonly cert: string; readonly key: string };

export type CertificateChoice =
  | { readonly kind: 'made' }
  | { readonly kind: 'files'; readonly cert: string; readonly key: string };

const DAYS = 365;
const DAY_MS = 86_400_000;

/** Reads a certificate, or makes one for this machine's names and addresses, which is kept in memory alone. Throws `io` and `input`. */
export async function certificateFor(choice: CertificateChoice, names: readonly string[]): Promise<Certificate> {
  if (choice.kind === 'made') return await makeCertificate(names);
  const read = { cert: readText(choice.cert, 'a certificate'), key: readText(choice.key, 'a private key') };
  try {
    createSecureContext(read);
    new X509Certificate(read.cert);
  } catch (cause) {
    throw new ResedgeError(
      'input',
      `${choice.cert}, ${choice.key}: expected a certificate and its private key as PEM, ${oneLine(cause)}`,
      { cause },
    );
  }
  return read;
}

/** The certificate's SHA-256, as browsers show it. */
export function fingerprint({ cert }: Certificate): string {
  return new X509Certificate(cert).fingerprint256;
}

async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  const { generate } = await import('selfsigned');
  const dns = new Set(['localhost', ...ownNames(), ...names]);
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'resedge' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...dns].map((value) => ({ type: 2, value }) as const),
          ...['127.0.0.1', '::1', ...ownAddresses()].map((ip) => ({ type: 7, ip }) as const),
        ],
      },
    ],
  });
  return { cert, key };
}
