import { launchBrowser } from '../../test/browser/launch-browser.js';

/** Takes a picture of a page, as large as what is in it. */
export async function takePicture(html: string, path: string): Promise<void> {
  const launch = await launchBrowser();
  if ('reason' in launch) throw new Error(launch.reason);
  try {
    const page = await launch.browser.newPage({ deviceScaleFactor: 2 });
    await page.setContent(html);
    await page.locator('main').screenshot({ path });
  } finally {
    await launch.browser.close();
  }
}
