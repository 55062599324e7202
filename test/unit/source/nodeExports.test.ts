import assert from 'node:assert/strict';
import { builtinModules, createRequire } from 'node:module';
import { blockingApis, findBlockingApi } from '../../../src/source/blocking/blockingCatalogue.ts';

const load = createRequire(import.meta.url);

/**
 * What this Node exports that the catalogue does not hold, and why it may stay out. A name that a new Node brings is in neither: it
 * has to be looked at, and goes into the catalogue or in here. `X.*` stands for all methods of a class.
 */
const harmless: Readonly<Record<string, readonly (readonly [reason: string, names: string])[]>> = {
  fs: [
    [
      'opens, reads and writes by itself, on other threads',
      'createReadStream createWriteStream openAsBlob ReadStream.* WriteStream.*',
    ],
    ['the same classes by their old names', 'FileReadStream.* FileWriteStream.*'],
    ['told by the system or by a timer', 'watch watchFile unwatchFile'],
    ['looks at what has been read already', 'Dirent.* Stats.*'],
    ['asynchronous', 'Dir.read Dir.close Dir.entries'],
    ['Node’s own, behind the methods that are in the catalogue', 'Dir.processReadResult Dir.readSyncRecursive'],
    ['a twin with a callback or a promise', 'Utf8Stream.*'],
  ],
  child_process: [['starts a process and does not wait for it', 'exec execFile fork spawn ChildProcess.*']],
  crypto: [
    [
      'sets up an object; no data goes through it yet',
      'createCipheriv createDecipheriv createCipher createDecipher createHash createHmac createSign createVerify',
    ],
    ['reads one key', 'createPrivateKey createPublicKey createSecretKey KeyObject.* X509Certificate.* Certificate.*'],
    [
      'a named group or curve: nothing is searched',
      'createDiffieHellmanGroup createECDH getDiffieHellman DiffieHellman.* DiffieHellmanGroup.* ECDH.*',
    ],
    [
      'in memory, chunk by chunk as its caller gives them',
      'Cipher.* Cipheriv.* Decipher.* Decipheriv.* Hash.* Hmac.* Sign.* Verify.*',
    ],
    ['in memory, at the speed of memory; Node has no other form', 'hash'],
    ['one operation on a block no longer than the key', 'privateDecrypt privateEncrypt publicDecrypt publicEncrypt'],
    ['a table or a flag', 'getCiphers getCipherInfo getCurves getHashes setEngine getFips setFips secureHeapUsed'],
    ['`randomBytes` by old names that nobody documents', 'prng rng'],
    ['bounded: microseconds', 'randomUUID randomUUIDv7 getRandomValues timingSafeEqual'],
    [
      'with a callback always; its twin is in the catalogue',
      'argon2 checkPrime generateKey generateKeyPair generatePrime hkdf pbkdf2 randomFill scrypt',
    ],
  ],
  zlib: [
    [
      'a stream that works on other threads',
      'createDeflate createInflate createDeflateRaw createInflateRaw createGzip createGunzip createUnzip',
    ],
    [
      'a stream that works on other threads',
      'createBrotliCompress createBrotliDecompress createZstdCompress createZstdDecompress',
    ],
    ['with a callback always; its twin is in the catalogue', 'deflate inflate deflateRaw inflateRaw gzip gunzip unzip'],
    ['with a callback always; its twin is in the catalogue', 'brotliCompress brotliDecompress zstdCompress zstdDecompress'],
    ['in memory, at the speed of memory; Node has no other form', 'crc32'],
  ],
  vm: [
    ['compiles and runs nothing, or gives a promise', 'createContext createScript isContext compileFunction measureMemory'],
    ['asynchronous by design', 'Module.* SourceTextModule.* SyntheticModule.*'],
  ],
  v8: [
    [
      'a number, a flag or a hook',
      'cachedDataVersionTag getHeapStatistics getHeapSpaceStatistics getHeapCodeStatistics getCppHeapStatistics',
    ],
    [
      'a number, a flag or a hook',
      'setFlagsFromString setHeapSnapshotNearHeapLimit isStringOneByteRepresentation stopCoverage queryObjects',
    ],
    ['starts something that goes on by itself', 'startCpuProfile GCProfiler.* startHeapProfile'],
    [
      'in memory, as JSON is: not what a call is reported for',
      'serialize deserialize Serializer.* Deserializer.* DefaultSerializer.* DefaultDeserializer.*',
    ],
  ],
  sqlite: [
    [
      'registers a function; queries run it',
      'DatabaseSync.function DatabaseSync.aggregate DatabaseSync.setAuthorizer DatabaseSync.createTagStore',
    ],
    [
      'a path or a flag',
      'DatabaseSync.location DatabaseSync.enableLoadExtension DatabaseSync.enableDefensive DatabaseSync.limits',
    ],
    ['a flag of the statement, or its columns', 'StatementSync.columns StatementSync.setAllowBareNamedParameters'],
    [
      'a flag of the statement, or its columns',
      'StatementSync.setAllowUnknownNamedParameters StatementSync.setReadBigInts StatementSync.setReturnArrays',
    ],
    ['in memory: the changes of one session', 'Session.*'],
    ['gives a promise', 'backup'],
    ['made by `prepare` alone, which is in the catalogue', 'StatementSync'],
  ],
  module: [['swaps exports in memory', 'syncBuiltinESMExports']],
};

/** Modules of which every function is looked at; of the others those whose name ends in `Sync`. */
const whole: ReadonlySet<string> = new Set(['fs', 'child_process', 'crypto', 'zlib', 'vm', 'v8', 'sqlite']);

function isHarmless(module: string, path: string): boolean {
  const name = path.replace('.prototype.', '.');
  const owner = /^[A-Z]\w*(?=\.)/.exec(name)?.[0];
  const names = (harmless[module] ?? []).flatMap(([, list]) => list.split(' '));
  return names.includes(name) || (owner !== undefined && names.includes(`${owner}.*`));
}

interface Member {
  readonly path: string;
  readonly isClass: boolean;
}

/** Functions that a module exports, their own members, and the methods of its classes. */
function membersOf(exported: object): Member[] {
  const found: Member[] = [];
  const seen = new Set<object>();
  const visit = (holder: object, path: string, depth: number): void => {
    if (seen.has(holder) || depth > 3) return;
    seen.add(holder);
    for (const name of Object.getOwnPropertyNames(holder)) {
      // Getters are left alone: some of Node's warn, or load what they give.
      const value: unknown = Object.getOwnPropertyDescriptor(holder, name)?.value;
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || name === 'constructor') continue;
      if (name.startsWith('_') || name === 'super_' || name === 'promises') continue;
      const inner = path === '' ? name : `${path}.${name}`;
      if (typeof value === 'function') found.push({ path: inner, isClass: /^[A-Z]/.test(name) });
      visit(value, inner, depth + 1);
    }
  };
  visit(exported, '', 0);
  return found;
}

/** Constants and flags that warn when they are read. */
const warning = /^(?:fips|[FRWX]_OK)$/;

/** What a module exports, also what it does not enumerate or gives by a getter. */
function exportsOf(module: string): Record<string, unknown> | undefined {
  let exported: Record<string, unknown>;
  try {
    exported = load(`node:${module}`) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const names = Object.getOwnPropertyNames(exported).filter((name) => !warning.test(name));
  return Object.fromEntries(names.map((name) => [name, exported[name]]));
}

describe('the catalogue beside the Node that runs', () => {
  const modules = [...new Set([...builtinModules.map((name) => name.replace(/^node:/, '')), 'sqlite', 'sea', 'test'])].filter(
    (name) => !name.startsWith('_') && !/^(?:punycode|sys|wasi|repl)$|\//.test(name),
  );

  for (const module of modules) {
    const exported = exportsOf(module);
    if (!exported) continue;
    it(`knows what of ${module} blocks`, () => {
      const unknown = membersOf(exported).filter(({ path, isClass }) => {
        if (findBlockingApi(module, path) ?? findBlockingApi(`node:${module}`, path)) return false;
        if (isHarmless(module, path)) return false;
        const last = path.split('.').at(-1)!;
        if (/Sync$/.test(last)) return true;
        // A class makes an object; what its methods do is looked at for each. Of an asynchronous function the twin is in the catalogue.
        const isAsynchronous = `${path}Sync` in exported || findBlockingApi(module, `${path}Sync`) !== undefined;
        return whole.has(module) && !isClass && !isAsynchronous && /^\w+$|\.prototype\./.test(path);
      });
      assert.deepEqual(
        unknown.map(({ path }) => path),
        [],
      );
    });
  }

  it('holds nothing that this Node does not have, but for what systems lack', () => {
    const missing = blockingApis.filter(({ origin, specifiers, export: path }) => {
      const exported =
        origin === 'node' ? specifiers.map((one) => exportsOf(one.replace(/^node:/, ''))).find(Boolean) : undefined;
      if (!exported || path === '*' || path === '()') return false;
      let value: unknown = exported;
      for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
      return value === undefined;
    });
    const [major = 0] = process.versions.node.split('.').map(Number);
    const expected = ['node:fs.lchmodSync'];
    const isNewer = (since: string | undefined): boolean =>
      since !== undefined && Number(/^v(\d+)/.exec(since)?.[1] ?? 0) >= major;
    assert.deepEqual(
      missing.filter(({ id, since }) => !expected.includes(id) && !isNewer(since)).map(({ id }) => id),
      [],
    );
  });
});
