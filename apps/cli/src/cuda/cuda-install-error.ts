/** The CUDA provider cannot be installed; the message says why and what to do. */
export class CudaInstallError extends Error {
  override readonly name = 'CudaInstallError';
}
