import { BadRequestException } from '@nestjs/common';

import { decodedName } from './image-name.js';

describe('the name of an uploaded picture', () => {
  it('may hold any letters', () => {
    expect(decodedName(encodeURIComponent('Kätzchen #1.png'))).toBe('Kätzchen #1.png');
  });

  it('is refused where it is not percent-encoded', () => {
    expect(() => decodedName('100%.png')).toThrow(BadRequestException);
  });
});
