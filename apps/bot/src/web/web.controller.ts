import { Body, Controller, Get, Headers, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Settings } from '../config/settings.js';
import { Chat } from '../contract/index.js';
import { missingImages, questionOf, senderOf, storedImage } from './answer-request.js';
import { answerStream } from './answer-stream.js';
import { ImageName } from './image-name.js';
import { ImageStore } from './image-store.js';
import {
  type AnswerRequest,
  answerRequest,
  type FeedbackRequest,
  feedbackRequest,
  type MissingImages,
  type ShownModel,
  type UploadedImage,
} from './protocol.js';
import { untilClosed } from './until-closed.js';
import { ZodPipe } from './zod-pipe.js';

const imageFile = z.instanceof(Uint8Array);

/** What the page asks of the bot. */
@Controller('api')
export class WebController {
  constructor(
    private readonly chat: Chat,
    private readonly settings: Settings,
    private readonly images: ImageStore,
  ) {}

  /** The model behind the page, or 503 while there is none. */
  @Get('model')
  async model(@Res() response: Response): Promise<void> {
    const model: ShownModel | undefined = await this.chat.model();
    if (model) response.json(model);
    else response.status(503).json({ error: 'The model is not running.' });
  }

  /** Takes an image and has the model look at it ahead of the question. */
  @Post('images')
  async image(
    @Body(new ZodPipe(imageFile)) bytes: Uint8Array,
    @ImageName() name: string,
    @Headers('accept-language') locale: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const digest = this.images.add(bytes);
    const image = storedImage({ digest, name }, this.images);
    const sender = senderOf(request.ip ?? 'unknown', 'composer', locale ?? 'en');
    const prepared = await this.chat.prepareImage(image, sender, untilClosed(response));
    const refused = prepared.kind === 'refused' ? prepared.reason : undefined;
    response.json({ digest, refused } satisfies UploadedImage);
  }

  /** Streams an answer, or says with 409 which images must be uploaded first. */
  @Post('answers')
  async answer(
    @Body(new ZodPipe(answerRequest)) wanted: AnswerRequest,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const missing = missingImages(wanted, this.images);
    if (missing.length > 0) {
      response.status(409).json({ missing } satisfies MissingImages);
      return;
    }
    const { maxMessages } = this.settings.config.conversation;
    const question = questionOf(wanted, request.ip ?? 'unknown', maxMessages, this.images);
    const closed = untilClosed(response);
    await this.chat.answer(question, answerStream(response, closed), closed);
  }

  @Post('feedback')
  @HttpCode(204)
  feedback(@Body(new ZodPipe(feedbackRequest)) { vote }: FeedbackRequest): void {
    this.chat.feedback('web', vote);
  }
}
