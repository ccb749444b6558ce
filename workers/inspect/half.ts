/** @file Sixteen-bit floats as numbers. */

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));
/** bfloat16 is the upper half of a float32. */
export function brainToNumber(bits: number): number {
  word.setUint32(0, bits * 65_536);
  return word.getFloat32(0);
}
