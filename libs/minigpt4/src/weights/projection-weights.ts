import type { ProjectionConfig } from '../config.js';
import type { PackageWeight } from './package-weight.js';
import { PublishedLayers } from './published-layer.js';

const layers = new PublishedLayers('projection.safetensors', 'projection');

/** What a layer of the projection is called in published files, given how many there are. */
export type ProjectionNames = (layer: number, count: number) => string;

/** The weights between vision and language: `projection.*`. */
export function projectionWeights({ widths }: ProjectionConfig, nameOf: ProjectionNames): PackageWeight[] {
  const count = widths.length - 1;
  return widths
    .slice(1)
    .flatMap((outputs, layer) =>
      layers.linear(`projection.layers.${layer}`, widths[layer]!, outputs, nameOf(layer, count)),
    );
}
