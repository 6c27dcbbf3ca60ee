/**
 * ONNX Runtime 1.30 collects telemetry unless this variable says otherwise: at its start it writes an id of the device
 * and a database of events below the user's cache folder, and looks up the host it sends them to. It reads the variable
 * from the environment of the process, so in a worker thread this counts only if the thread was started with `SHARE_ENV`:
 * any other has a copy of its own.
 *
 * https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
