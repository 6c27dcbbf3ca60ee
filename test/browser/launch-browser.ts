import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

import { patienceMs } from '../../test-servers/time/patience.js';

const programs = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'chrome',
  'microsoft-edge',
];
const installedElsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

const flags = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'];

/** A browser, or why this machine can start none. */
export type Launch = { readonly browser: Browser } | { readonly reason: string };

/**
 * A headless browser: the one in CHROME_PATH, an installed Chrome, Chromium or Edge, or the Chromium that npm
 * installed with its own libraries, which needs a Linux machine.
 */
export async function launchBrowser(): Promise<Launch> {
  const failures: string[] = [];
  for (const find of [async () => installedBrowser(), packagedBrowser]) {
    try {
      const executablePath = await find();
      if (executablePath)
        return { browser: await chromium.launch({ executablePath, args: flags, timeout: patienceMs }) };
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  return {
    reason: ['No browser could be started: install Chrome, or set CHROME_PATH.', ...failures].join('\n'),
  };
}

function installedBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [
    ...(process.env.CHROME_PATH ? [process.env.CHROME_PATH] : []),
    ...programs.flatMap((program) => folders.map((folder) => join(folder, program))),
    ...installedElsewhere,
  ];
  return candidates.find(isExecutable);
}

/** Chromium of @sparticuz/chromium, made for AWS Lambda: told that it runs there, it brings the libraries along. */
async function packagedBrowser(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs20.x';
  const { default: packaged } = await import('@sparticuz/chromium');
  return packaged.executablePath();
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
