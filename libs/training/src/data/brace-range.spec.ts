import { expandBraces } from './web-dataset.js';

describe('a pattern of shards', () => {
  it.each([
    [
      'laion/{00008..00011}.tar',
      ['laion/00008.tar', 'laion/00009.tar', 'laion/00010.tar', 'laion/00011.tar'],
    ],
    ['{8..11}.tar', ['8.tar', '9.tar', '10.tar', '11.tar']],
    ['{cc,sbu}/{0..1}.tar', ['cc/0.tar', 'cc/1.tar', 'sbu/0.tar', 'sbu/1.tar']],
    ['one.tar', ['one.tar']],
    ['{3..2}.tar', []],
  ])('%s names %j', (pattern, files) => {
    expect(expandBraces(pattern)).toEqual(files);
  });
});
