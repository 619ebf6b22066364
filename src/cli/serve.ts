import { type Command, InvalidArgumentError, Option } from 'commander';
import { ResedgeError } from '../errors.ts';
import type { CertificateChoice } from '../node/serve/certificate.ts';
import { oneMore, wholeNumber } from './options.ts';
import { fields, note, print } from './print.ts';
import { untilStopped } from './stop.ts';

const MAX_PORT = 65_535;
const MAX_QUEUE = 10_000;
const MAX_UPLOAD_MB = 256;
const MB = 2 ** 20;

/** What goes into a cookie and an address as it is, and is not guessed. */
const TOKEN = /^[\w.~-]{16,200}$/;
const TOKEN_BYTES = 16;
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

type Flags = {
  readonly model: readonly string[];
  readonly camera?: string;
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly tls?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly allowHost: readonly string[];
  readonly queue: number;
  readonly maxUpload: number;
};

export function addServe(program: Command): Command {
  return program
    .command('serve')
    .description('serve a page that shows what a camera sees and takes pictures, and classify pictures over HTTP')
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert; again for more to switch to', oneMore)
    .option('--camera <source>', 'what to show, as resedge camera takes it, but for stdin (default: pictures alone)')
    .option('--host <address>', 'address to listen on; 0.0.0.0 lets other machines in, with a token', '127.0.0.1')
    .option('--port <n>', 'port to listen on, 0 for any', wholeNumber(0, MAX_PORT), 8080)
    .addOption(
      new Option('--token <text>', 'what requests must carry (default: made where other machines are let in)').env(
        'RESEDGE_TOKEN',
      ),
    )
    .option('--tls', 'serve over https, with a certificate made for this run unless one is given')
    .option('--cert <file.pem>', 'certificate for https')
    .option('--key <file.pem>', 'its private key')
    .addOption(
      new Option('--allow-host <name>', 'a further name that the server goes by; may be given again')
        .argParser(hostName)
        .default([], 'none'),
    )
    .option('--queue <n>', 'uploads that may wait, before others are told to come again', wholeNumber(0, MAX_QUEUE), 64)
    .option('--max-upload <MB>', 'largest picture to take', wholeNumber(1, MAX_UPLOAD_MB), 16)
    .action(runServe);
}

/** Read later than commander does, which would repeat a wrong one. */
function expectToken(text: string | undefined): void {
  if (text === undefined || TOKEN.test(text)) return;
  throw new ResedgeError(
    'usage',
    '--token, RESEDGE_TOKEN: expected 16 to 200 letters, digits or any of . _ ~ - (what came is not shown)',
  );
}

function hostName(text: string, before: readonly string[]): readonly string[] {
  const name = text.toLowerCase();
  if (NAME.test(name)) return [...before, name];
  throw new InvalidArgumentError('Expected a name without scheme and port, as camera.example.');
}

async function runServe(flags: Flags): Promise<void> {
  const tls = certificateChoice(flags);
  expectToken(flags.token);
  if (flags.camera === '-') throw new ResedgeError('usage', 'expected a camera by name, received - for stdin');
  const [{ startServer }, { isLocal }, { certificateFor, fingerprint }, { openCamera }, { redact }, { randomBytes }] =
    await Promise.all([
      import('../node/serve/serve.ts'),
      import('../node/serve/own-names.ts'),
      import('../node/serve/certificate.ts'),
      import('../node/camera/open-camera.ts'),
      import('../node/camera/redact.ts'),
      import('node:crypto'),
    ]);
  const stop = untilStopped();
  const { host, port, queue, camera: name, allowHost: names } = flags;
  const local = isLocal(host);
  const made = flags.token === undefined && !local ? randomBytes(TOKEN_BYTES).toString('base64url') : undefined;
  const certificate = tls && (await certificateFor(tls, names));
  const source = name === undefined ? undefined : await openCamera(name, { notify: note });
  const camera = source && { name: redact(name ?? '', name), source };
  try {
    const { addresses, models, close } = await startServer({
      ...{ models: flags.model, host, port, names, certificate, camera, queue, note },
      ...{ token: flags.token ?? made, maxBytes: flags.maxUpload * MB },
    });
    const query = made === undefined ? '' : `?token=${made}`;
    const rows: readonly (readonly [string, string])[] = [
      ...addresses.map((address, i) => [i === 0 ? 'page' : '', `${address}${query}`] as const),
      ['models', models.join(', ')],
      ['camera', camera?.name ?? 'none: drop pictures on the page, or start with --camera <source>'],
      ...(certificate === undefined ? [] : [['certificate', `SHA-256 ${fingerprint(certificate)}`] as const]),
    ];
    print(fields(rows));
    if (!local && certificate === undefined)
      note('others on the network can read pictures and the token on the way: add --tls');
    await new Promise((resolve) => {
      if (stop.signal.aborted) resolve(undefined);
      else stop.signal.addEventListener('abort', resolve, { once: true });
    });
    await close();
  } finally {
    await source?.close();
    stop.end();
  }
}

function certificateChoice({ tls, cert, key }: Flags): CertificateChoice | undefined {
  if (cert !== undefined && key !== undefined) return { kind: 'files', cert, key };
  if (cert !== undefined || key !== undefined)
    throw new ResedgeError('usage', '--cert <file.pem> and --key <file.pem> belong together, one is missing');
  return tls ? { kind: 'made' } : undefined;
}
