// The browser's camera as square frames of the network's input size. Only one camera per page is open at a time.

const FRAME = 224; // pixels
const DARK = 12; // of 255: the brightest pixel of a black frame

const openCamera = (window.playgroundCamera ??= { current: null });

class Camera {
  // `changed(state, problem)` is called with "starting", "on", "off", or "problem", and the name of the problem.
  constructor(video, changed) {
    Object.assign(this, { video, changed, state: "off" });
    this.canvas = Object.assign(document.createElement("canvas"), { width: FRAME, height: FRAME });
    this.onVisibility = () => this.followVisibility();
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  async start() {
    if (this.state === "on" || this.state === "starting") return;
    if (openCamera.current !== this) openCamera.current?.stop();
    openCamera.current = this;
    if (!navigator.mediaDevices?.getUserMedia) return this.fail(window.isSecureContext ? "none" : "insecure");
    this.tell("starting");
    const attempt = (this.attempt = {});
    try {
      const wanted = { video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: this.facing ?? "user" } };
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      if (this.attempt !== attempt) return stream.getTracks().forEach((track) => track.stop()); // stopped in the meantime
      this.stream = stream;
      stream.getVideoTracks()[0].addEventListener("ended", () => this.stream === stream && this.fail("lost"));
      this.video.srcObject = stream;
      await this.video.play();
      this.video.classList.toggle("mirrored", (this.facing ?? "user") === "user");
      if (this.stream === stream) this.tell("on");
    } catch (error) {
      if (this.attempt !== attempt) return;
      const problems = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none" };
      this.fail(problems[error.name] ?? "busy");
    }
  }

  // Switches to the camera on the other side of a phone.
  async turn() {
    this.facing = (this.facing ?? "user") === "user" ? "environment" : "user";
    this.release();
    this.state = "off";
    await this.start();
  }

  stop() {
    this.release();
    this.paused = false;
    if (this.state !== "off") this.tell("off");
  }

  // A hidden page releases the camera and reopens it when it is visible again.
  followVisibility() {
    if (document.hidden && (this.state === "on" || this.state === "starting")) {
      this.release();
      this.paused = true;
      this.tell("off");
    } else if (!document.hidden && this.paused) {
      this.paused = false;
      this.start();
    }
  }

  release() {
    this.attempt = null;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = this.video.srcObject = null;
  }

  fail(problem) {
    this.release();
    this.tell("problem", problem);
  }

  tell(state, problem) {
    this.state = state;
    this.changed(state, problem);
  }

  // Returns the center of the current frame as a JPEG, or null if there is none or if it is black.
  async frame() {
    const { videoWidth: width, videoHeight: height } = this.video, side = Math.min(width, height);
    if (this.state !== "on" || !side) return null;
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, FRAME, FRAME);
    if (isBlack(context.getImageData(0, 0, FRAME, FRAME).data)) return null;
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/jpeg", 0.92));
  }

  destroy() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.stop();
    if (openCamera.current === this) openCamera.current = null;
  }
}

function isBlack(values) {
  for (let at = 0; at < values.length; at += 4 * 37) {
    if (Math.max(values[at], values[at + 1], values[at + 2]) > DARK) return false;
  }
  return true;
}
