import type { RecordDetails } from '@fast-mcp/validation'
import { formatBytes, shortDigest } from '../figures.ts'
import { html, type Html } from '../html.ts'

/** The image by layer, from the lowest to the highest; undefined where the record has no layers. */
export function imageSection({ layers, compressedBytes }: RecordDetails): Html | undefined {
  if (layers === undefined || layers.length === 0) return undefined
  const total = layers.reduce((sum, layer) => sum + layer.bytes, 0)
  const packed = compressedBytes === undefined ? '' : `, ${formatBytes(compressedBytes)} in the registry`
  return html`<section id="image" aria-labelledby="image-title">
    <h2 id="image-title">Image by layer</h2>
    <p>
      ${formatBytes(total)} unpacked${packed}, in ${layers.length} layer${layers.length === 1 ? '' : 's'}.
    </p>
    <div class="layers" aria-hidden="true">
      ${layers.map((layer, index) => html`<i class="shade-${index % 4}" style="flex-grow:${layer.bytes}"></i>`)}
    </div>
    <ol class="legend">
      ${layers.map(
        (layer, index) =>
          html`<li>
            <i class="shade-${index % 4}" aria-hidden="true"></i
            ><b>${formatBytes(layer.bytes)}</b> ${layer.what}
            <code title="${layer.digest}">${shortDigest(layer.digest)}</code>
          </li>`
      )}
    </ol>
  </section>`
}
