// The CRC is held as two 32-bit halves: BigInt arithmetic would be a hundred times slower.
const polynomialHigh = 0x9a6c9329
const polynomialLow = 0xac4bc9b5

const slices = 8
const { high: tableHigh, low: tableLow } = makeTables()

/** Tables for eight bytes at a time: entry `256 * k + b` is the CRC of byte `b` followed by `k` zero bytes. */
function makeTables(): { readonly high: Uint32Array; readonly low: Uint32Array } {
  const high = new Uint32Array(256 * slices)
  const low = new Uint32Array(256 * slices)
  for (let byte = 0; byte < 256; byte++) {
    let crcHigh = 0
    let crcLow = byte
    for (let bit = 0; bit < 8; bit++) {
      const carry = crcLow & 1
      crcLow = (crcLow >>> 1) | (crcHigh << 31)
      crcHigh >>>= 1
      if (carry === 1) {
        crcLow ^= polynomialLow
        crcHigh ^= polynomialHigh
      }
    }
    high[byte] = crcHigh
    low[byte] = crcLow
  }
  for (let index = 256; index < 256 * slices; index++) {
    const previousHigh = high[index - 256] ?? 0
    const previousLow = low[index - 256] ?? 0
    const byte = previousLow & 0xff
    high[index] = (previousHigh >>> 8) ^ (high[byte] ?? 0)
    low[index] = ((previousLow >>> 8) | (previousHigh << 24)) ^ (low[byte] ?? 0)
  }
  return { high, low }
}

/**
 * CRC-64/NVME of a stream of bytes: reflected polynomial 0x9a6c9329ac4bc9b5, initial value and final xor all ones, check
 * value 0xae8b14860a799888 (NVM Express NVM Command Set Specification; S3 checksum type CRC64NVME).
 */
export class Crc64Nvme {
  private high = 0xffffffff
  private low = 0xffffffff

  update(bytes: Uint8Array): void {
    let high = this.high
    let low = this.low
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const whole = bytes.length - (bytes.length % slices)
    let at = 0
    for (; at < whole; at += slices) {
      const a = low ^ view.getUint32(at, true)
      const b = high ^ view.getUint32(at + 4, true)
      const i0 = 1792 + (a & 0xff)
      const i1 = 1536 + ((a >>> 8) & 0xff)
      const i2 = 1280 + ((a >>> 16) & 0xff)
      const i3 = 1024 + (a >>> 24)
      const i4 = 768 + (b & 0xff)
      const i5 = 512 + ((b >>> 8) & 0xff)
      const i6 = 256 + ((b >>> 16) & 0xff)
      const i7 = b >>> 24
      high = xor(tableHigh, i0, i1, i2, i3, i4, i5, i6, i7)
      low = xor(tableLow, i0, i1, i2, i3, i4, i5, i6, i7)
    }
    for (; at < bytes.length; at++) {
      const index = (low ^ view.getUint8(at)) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ (tableLow[index] ?? 0)
      high = (high >>> 8) ^ (tableHigh[index] ?? 0)
    }
    this.high = high
    this.low = low
  }

  /** Eight bytes, most significant first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32BE(~this.high >>> 0, 0)
    bytes.writeUInt32BE(~this.low >>> 0, 4)
    return bytes
  }
}

function xor(
  table: Uint32Array,
  i0: number,
  i1: number,
  i2: number,
  i3: number,
  i4: number,
  i5: number,
  i6: number,
  i7: number
): number {
  const first = (table[i0] ?? 0) ^ (table[i1] ?? 0) ^ (table[i2] ?? 0) ^ (table[i3] ?? 0)
  return first ^ (table[i4] ?? 0) ^ (table[i5] ?? 0) ^ (table[i6] ?? 0) ^ (table[i7] ?? 0)
}
