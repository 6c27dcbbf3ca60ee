/** Much more than any model sees, so that nothing it could see is lost. */
const longestSide = 2_048;
/** Formats that a canvas writes as it reads them. Of animations only one frame would be left. */
const types = ['image/jpeg', 'image/png', 'image/webp'];

/** A large picture scaled down, upright; any other as it is. */
export async function shrunk(file: File): Promise<Blob> {
  if (!types.includes(file.type)) return file;
  try {
    const whole = await createImageBitmap(file);
    const scale = longestSide / Math.max(whole.width, whole.height);
    if (scale >= 1) return file;
    const scaled = (side: number) => Math.max(1, Math.round(side * scale));
    const [width, height] = [scaled(whole.width), scaled(whole.height)];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    if (!context) return file;
    context.imageSmoothingQuality = 'high';
    context.drawImage(whole, 0, 0, width, height);
    whole.close();
    return await canvas.convertToBlob({ type: file.type, quality: 0.92 });
  } catch {
    // What the browser cannot read, the server may, or say what is wrong with it.
    return file;
  }
}
