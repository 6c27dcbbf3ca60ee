import { Module } from '@nestjs/common';

import { ImageStore } from './image-store.js';
import { PageController } from './page.controller.js';
import { WebController } from './web.controller.js';

/** The web page and what it asks of the bot. */
@Module({
  controllers: [PageController, WebController],
  providers: [ImageStore],
})
export class WebModule {}
