import type { ProjectionConfig } from '../config.js';
import type { PackageWeight } from './package-weight.js';
import { PublishedLayers } from './published-layer.js';

const layers = new PublishedLayers('projection.safetensors', 'projection');

/** `llama_proj` alone, or `llama_proj.0`, `llama_proj.1`, … (a PyTorch Sequential) when there are several layers. */
export const publishedProjection = (layer: number, count: number) =>
  count === 1 ? 'llama_proj' : `llama_proj.${layer}`;

/** The weights between vision and language: `projection.*`. */
export function projectionWeights({ widths }: ProjectionConfig): PackageWeight[] {
  const count = widths.length - 1;
  return widths
    .slice(1)
    .flatMap((outputs, layer) =>
      layers.linear(`projection.layers.${layer}`, widths[layer]!, outputs, publishedProjection(layer, count)),
    );
}
