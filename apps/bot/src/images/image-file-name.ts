/** Names of files that their ending calls images, readable or not. */
export const imageFileName = /\.(?:a?png|jpe?g|jfif|webp|gif|avif|heic|heif|tiff?|bmp|ico|jxl|jp2|svg)$/i;
