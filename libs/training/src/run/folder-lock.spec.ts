import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '#libs/files';
import { FolderLock, LOCK_FILE } from './folder-lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const holder = () => readFile(join(folder, LOCK_FILE), 'utf8');

describe('the lock of a folder', () => {
  it('names this process until it is released', async () => {
    const lock = await FolderLock.acquire(folder);
    await expect(holder()).resolves.toBe(String(process.pid));
    await lock.release();
    await expect(holder()).rejects.toThrow('ENOENT');
  });

  it('keeps others out while its process runs', async () => {
    await writeFile(join(folder, LOCK_FILE), String(process.ppid));
    await expect(FolderLock.acquire(folder)).rejects.toMatchObject({
      code: 'training',
      message: `${folder} is in use: process ${process.ppid} is training into it. Wait for its end, or choose another folder.`,
    });
    await expect(holder()).resolves.toBe(String(process.ppid));
  });

  it('keeps others out where the process is another user’s', async () => {
    const { kill } = process;
    process.kill = () => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    };
    try {
      await writeFile(join(folder, LOCK_FILE), '12345');
      await expect(FolderLock.acquire(folder)).rejects.toMatchObject({ code: 'training' });
    } finally {
      process.kill = kill;
    }
  });

  it.each([
    ['of a process that has ended', String(2 ** 30)],
    ['of one with this id, an earlier start', String(process.pid)],
    ['of no process', 'nobody'],
    ['of no number of a process', '1.5'],
    ['of a group of processes', '0'],
    ['of all processes', '-1'],
    ['that is empty', ''],
  ])('%s counts no more', async (_what, content) => {
    await writeFile(join(folder, LOCK_FILE), content);
    await FolderLock.acquire(folder);
    await expect(holder()).resolves.toBe(String(process.pid));
  });

  it('is not made where the folder cannot be written', async () => {
    await expect(FolderLock.acquire(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a file that is replaced', () => {
  it('holds the new text, with nothing beside it', async () => {
    const path = join(folder, 'a.txt');
    await replaceFile(path, 'one');
    await replaceFile(path, 'two');
    await expect(readFile(path, 'utf8')).resolves.toBe('two');
    await expect(stat(`${path}.partial`)).rejects.toThrow('ENOENT');
  });

  it('leaves nothing half written behind when it cannot be', async () => {
    await expect(replaceFile(folder, 'text')).rejects.toThrow();
    await expect(stat(`${folder}.partial`)).rejects.toThrow('ENOENT');
  });
});
