import type { Examination } from '../../apps/cli/src/doctor/examination.js';
import { runCommandWith } from './command-line.js';

const noVulkan = { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' };

describe('cli doctor', () => {
  it('says as JSON what the machine has, what runs and what fits', async () => {
    const { exitCode, stdout } = await runCommandWith(
      { ...noVulkan, DISCORD_TOKEN: 'a-secret' },
      'doctor',
      '--json',
    );
    const examination = JSON.parse(stdout) as Examination;
    expect(exitCode).toBe(0);
    expect(examination).toMatchObject({
      node: { version: process.versions.node, supported: true },
      system: { platform: process.platform, processor: process.arch },
      onnxruntime: { version: '1.30.0' },
      devices: { cpu: { usable: true, problems: [] } },
      ports: [{ variable: 'GRPC_PORT' }, { variable: 'HTTP_PORT' }, { variable: 'WEB_PORT' }],
      secrets: { DISCORD_TOKEN: true },
    });
    expect(stdout).not.toContain('a-secret');
    for (const { usable, problems } of Object.values(examination.devices)) {
      expect(problems.length > 0).toBe(!usable);
    }
    expect(examination.models).toContainEqual(
      expect.objectContaining({ folder: 'models/nano', weights: expect.stringMatching(/float32|int/) }),
    );
    const needed = (weights: string) =>
      examination.fits.find((fit) => fit.model === 'minigpt4-vicuna-7b' && fit.weights === weights)!
        .needed_bytes;
    expect(needed('int4')).toBeLessThan(needed('int8'));
    expect(needed('int8')).toBeLessThan(needed('float32'));
  });

  it('says the same in plain words, with what to do next', async () => {
    const { stdout } = await runCommandWith(noVulkan, 'doctor');
    expect(stdout).toMatch(/✓ Node +\d+/);
    expect(stdout).toMatch(/✓ System +\w+ on \w+/);
    expect(stdout).toMatch(/[✓✗] cuda /);
    expect(stdout).toContain('Published models, with one slot of a picture and 1024 tokens:');
    expect(stdout).toMatch(/A good choice here is|No published model fits here/);
  });
});
