/* Pictures that are not on the server yet: how large they are, and drawn small. The page's policy lets no
   picture come from memory by an address, so they are drawn. */

const PICTURE = /^image\/(?:png|jpeg|gif|webp)$/u;

/** What a picture's size is as it is seen; null of what is no picture, or cannot be read.
    @param {Blob} blob */
export async function sizeOfPicture(blob) {
  const picture = await bitmapOf(blob);
  if (!picture) return null;
  const { width, height } = picture;
  picture.close();
  return { width, height };
}

/** Draws a picture so that it covers a canvas. Gives whether it could.
    @param {HTMLCanvasElement} canvas @param {Blob | null} blob @param {{ width: number, height: number }} place in CSS pixels */
export async function drawPicture(canvas, blob, { width, height }) {
  const picture = blob && (await bitmapOf(blob));
  if (!picture) return false;
  const sharp = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
  const [drawnWidth, drawnHeight] = [picture.width * scale, picture.height * scale];
  canvas
    .getContext("2d")
    ?.drawImage(picture, (canvas.width - drawnWidth) / 2, (canvas.height - drawnHeight) / 2, drawnWidth, drawnHeight);
  picture.close();
  return true;
}

/** @param {Blob} blob */
async function bitmapOf(blob) {
  if (!PICTURE.test(blob.type)) return null;
  try {
    return await createImageBitmap(blob);
  } catch {
    return null; // It is called a picture, and is none.
  }
}
