/** What a user said, with the images sent along: images first, then words about them. */
export interface UserTurn<Image> {
  readonly role: 'user';
  readonly images: readonly Image[];
  /** May be empty. */
  readonly text: string;
}

/** What the model answered. An empty answer counts as none. */
export interface AssistantTurn {
  readonly role: 'assistant';
  readonly text: string;
}

/** A message of the conversation; `Image` is however the caller names an image. */
export type Turn<Image> = UserTurn<Image> | AssistantTurn;
