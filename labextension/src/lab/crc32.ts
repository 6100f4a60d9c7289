/** The CRC-32 of a text's UTF-8, as the kernel takes it of the source it runs. */

const POLYNOMIAL = 0xedb88320;

export function crc32(text: string): number {
  let remainder = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    }
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
