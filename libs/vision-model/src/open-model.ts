import type { EngineOptions } from '#libs/engine';

import type { VisionModel } from './vision-model.js';

/** Where a model runs: in this process, from a package, or on a server, by its gRPC address `host:port`. */
export type ModelPlace =
  | { readonly kind: 'package'; readonly options: EngineOptions }
  | { readonly kind: 'server'; readonly address: string };

/**
 * Loads a model or connects to it, and loads no code for the other.
 * @throws what `startEngine` throws; CodedError `model-server`
 */
export async function openModel(
  place: ModelPlace,
  onWarning: (sentence: string) => void,
): Promise<VisionModel> {
  switch (place.kind) {
    case 'package': {
      const { startLocalModel } = await import('./local-model.js');
      return startLocalModel(place.options, onWarning);
    }
    case 'server': {
      const { connectToModelServer } = await import('./model-on-server.js');
      return connectToModelServer(place.address);
    }
  }
}
